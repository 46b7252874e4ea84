--TEST--
An open WebSocket outlives every deadline of the client (A9): only TCP keepalive watches it
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

$peer = websocket_peer(['quiet' => true]);
$client = new Swoole\Http\Client('127.0.0.1', $peer->where);
$limit = 0.05 * patience();
$client->set(['connect_timeout' => 30, 'timeout' => $limit, 'read_timeout' => $limit]);
$client->on('message', function ($client, $frame) {
    echo "$frame->data\n";
    $client->close();
});
$client->upgrade('/', function ($client) use ($limit) {
    Swoole\Timer::after((int) (4000 * $limit), function () use ($client) {
        var_dump($client->isConnected(), $client->push('still here'));
    });
});
unset($client);
Swoole\Event::wait();
ledger_empty();
?>
--EXPECT--
bool(true)
bool(true)
still here
