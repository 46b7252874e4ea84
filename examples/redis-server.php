<?php
/**
 * A server that any Redis client can talk to: GET and SET on an array of one worker.
 *
 *     php -d extension=tether examples/redis-server.php 6380
 *     redis-cli -p 6380 set key value
 */

use Swoole\Redis\Server;

$serv = new Server('127.0.0.1', (int) ($argv[1] ?? 0));
$serv->set(['worker_num' => 1]);
$serv->on('start', fn ($serv) => print("listening on 127.0.0.1:{$serv->port}\n"));

$data = [];
$serv->setHandler('SET', function (int $fd, array $args) use (&$data) {
    if (count($args) !== 2) {
        return Server::format(Server::ERROR, 'ERR SET takes a key and a value');
    }
    $data[$args[0]] = $args[1];
    return Server::format(Server::STATUS);
});
$serv->setHandler('GET', function (int $fd, array $args) use (&$data) {
    $value = $data[$args[0] ?? ''] ?? null;
    return $value === null ? Server::format(Server::NIL) : Server::format(Server::STRING, $value);
});
$serv->start();
