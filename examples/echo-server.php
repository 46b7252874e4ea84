<?php
/**
 * Sends back what it gets.
 *
 *     php -d extension=... examples/echo-server.php [port, default 9501]
 */
$port = (int) ($argv[1] ?? 9501);

$serv = new Swoole\Server('127.0.0.1', $port);
$serv->set(['worker_num' => 1]);

$serv->on('WorkerStart', function ($serv) {
    echo "listening on 127.0.0.1:{$serv->port}\n";
});
$serv->on('Connect', function ($serv, $fd) {
    echo "connection $fd\n";
});
$serv->on('Receive', function ($serv, $fd, $reactorId, $data) {
    $serv->send($fd, $data);
});
$serv->on('Close', function ($serv, $fd) {
    echo "connection $fd closed\n";
});

$serv->start();
