<?php
/**
 * One server, three ports: HTTP, lines over TCP, and datagrams over UDP.
 *
 *     php -d extension=... examples/ports-server.php [HTTP port, default 9502]
 *     curl http://127.0.0.1:9502/        who is connected
 *     nc 127.0.0.1 9503                  each line comes back in capitals
 *     echo -n hello | nc -u -w1 127.0.0.1 9504
 *
 * With the port 0 the kernel chooses all three.
 */
$port = (int) ($argv[1] ?? 9502);

$serv = new Swoole\Http\Server('127.0.0.1', $port);
$serv->set(['worker_num' => 1]);

// A port that is not given options of its own speaks what the server speaks: this one has its own.
$lines = $serv->listen('127.0.0.1', $port === 0 ? 0 : $port + 1, SWOOLE_SOCK_TCP);
$lines->set(['open_eof_split' => true, 'package_eof' => "\n", 'package_max_length' => 65536]);
$lines->on('receive', function ($serv, $fd, $reactorId, $line) {
    $serv->send($fd, strtoupper($line));
});

$packets = $serv->listen('127.0.0.1', $port === 0 ? 0 : $port + 2, SWOOLE_SOCK_UDP);
$packets->on('packet', function ($serv, $data, $addr) {
    $serv->sendto($addr['address'], $addr['port'], strrev($data), $addr['server_socket']);
});

$serv->on('request', function ($request, $response) use ($serv, $lines) {
    $text = sprintf("%d connections, %d of them for lines\n", count($serv->connections), count($lines->connections));
    foreach ($serv->connections as $fd) {
        $info = $serv->getClientInfo($fd);
        $text .= "#$fd on port {$info['server_port']}\n";
    }
    $response->end($text);
});
$serv->on('workerStart', function ($serv) {
    foreach ($serv->ports as $n => $port) {
        echo ['http', 'lines', 'packets'][$n], " on 127.0.0.1:{$port->port}\n";
    }
});

$serv->start();
