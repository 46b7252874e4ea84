--TEST--
10,000 clients constructed and dropped leave memory where it was
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

var_dump(stays_flat(function () {
    $client = new swoole_client(SWOOLE_TCP | SWOOLE_ASYNC);
    $client->set(['socket_buffer_size' => 1 << 20]);
    $client->on('close', function () {});
    $http = new swoole_http_client('127.0.0.1', 80);
    $http->setHeaders(['A' => 'b']);
    $redis = new swoole_redis(['password' => 'x']);
    $redis->on('close', function () {});
    $sync = new swoole_client(SWOOLE_SYNC);
}));
// Those that hold themselves are the collector's.
var_dump(stays_flat(function ($i) {
    $client = new swoole_client(SWOOLE_TCP | SWOOLE_ASYNC);
    $client->on('close', function () use ($client) {});
    $redis = new swoole_redis;
    $redis->on('close', function () use ($redis) {});
    $http = new swoole_http_client('127.0.0.1', 80);
    $http->on('close', function () use ($http) {});
    if ($i % 50 === 0) {
        gc_collect_cycles();
    }
}));
?>
--EXPECT--
bool(true)
bool(true)
