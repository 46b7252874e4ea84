--TEST--
A timeout of connect() that no clock reaches is no limit
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

$port = echo_peer()->where;
foreach ([PHP_INT_MAX, 1e12, 1e300, INF, -1.0] as $timeout) {
    $client = new Swoole\Client(SWOOLE_TCP);
    var_dump($client->connect('127.0.0.1', $port, $timeout));
    $client->close();

    $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
    $client->on('connect', static function ($client) { $client->close(); });
    foreach (['receive', 'error', 'close'] as $event) {
        $client->on($event, static function () use ($event) { echo "$event\n"; });
    }
    $client->connect('127.0.0.1', $port, $timeout);
    unset($client);
    Swoole\Event::wait();
}
?>
--EXPECT--
bool(true)
close
bool(true)
close
bool(true)
close
bool(true)
close
bool(true)
close
