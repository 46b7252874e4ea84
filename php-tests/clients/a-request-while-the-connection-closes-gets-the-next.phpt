--TEST--
A request from inside the callback of a response that closes waits for the next connection
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$peer = answering_peer(response('bye', 'Connection: close'));
$client = new Swoole\Http\Client('127.0.0.1', $peer->where);
$client->on('connect', function () { echo "connect\n"; });
$client->on('close', function ($client) { echo "close $client->errCode\n"; });
$client->get('/1', function ($client) {
    echo "first\n";
    var_dump($client->get('/2', function ($client) {
        echo "second $client->body\n";
        $client->set(['keep_alive' => false]);
        $client->get('/3', function () { echo "never\n"; });
        var_dump($client->close());
    }));
});
after_loop(fn () => all_gone());
unset($client);
?>
--EXPECT--
connect
first
bool(true)
close 0
connect
second bye
close 0
bool(true)
no tether is left
