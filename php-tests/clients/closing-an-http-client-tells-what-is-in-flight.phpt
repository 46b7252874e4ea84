--TEST--
close() tells the request in flight, then the end; before the connection stood it tells nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$peer = silent_peer();
$early = new Swoole\Http\Client('127.0.0.1', $peer->where);
$early->on('close', function () { echo "never\n"; });
$early->on('error', function () { echo "never\n"; });
$witness = new Witness('callback of the early one');
$early->get('/', function () use ($witness) { echo "never\n"; });
unset($witness);
var_dump($early->close());
var_dump($early->close());

$client = new Swoole\Http\Client('127.0.0.1', $peer->where);
$client->on('connect', function ($client) {
    echo "connect\n";
    var_dump($client->close());
});
$client->on('close', function ($client) { echo "close $client->errCode\n"; });
$client->get('/', function ($client) { echo "response $client->statusCode $client->errCode $client->errMsg\n"; });
after_loop(fn () => all_gone());
unset($client, $early);
?>
--EXPECTF--
callback of the early one destroyed
bool(true)

Warning: Swoole\Http\Client::close(): The client is not connected in %s on line %d
bool(false)
connect
response -3 5001 The connection was closed by close()
close 5001
bool(true)
no tether is left
