--TEST--
exit() in a callback that runs inside another one ends both
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

$peer = silent_peer();
$client = new Swoole\Client(SWOOLE_SOCK_TCP | SWOOLE_ASYNC);
$client->on('connect', function ($client) {
    $client->close();
    echo "not reached\n";
});
$client->on('receive', function () {
});
$client->on('error', function () {
});
$client->on('close', function () {
    echo "close\n";
    exit(0);
});
$client->connect('127.0.0.1', $peer->where);
?>
--EXPECT--
close
