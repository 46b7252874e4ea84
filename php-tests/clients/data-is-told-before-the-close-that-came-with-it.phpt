--TEST--
Data is told before the close that came with it, and nothing after an own close
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$peer = peer(['hello' => 'hello and bye', 'after' => 0]);
$client = telling_client();
$client->connect('127.0.0.1', $peer->where);
$gone['read to the end'] = WeakReference::create($client);

after_loop(function () use (&$gone) {
    echo "--\n";
    all_gone(...$gone);
});
$client->on('close', function () use (&$gone) {
    echo "close\n--\n";
    $peer = $GLOBALS['peer'];
    $client = telling_client();
    $client->on('receive', function ($client, $data) {
        echo "receive $data\n";
        // The peer may have closed already: its end is told in here, once, and without a warning.
        var_dump($client->close(), $client->isConnected());
        echo "returns\n";
        var_dump($client->send('x'), $client->errCode, $client->close());
    });
    $client->connect('127.0.0.1', $peer->where);
    $gone['closed'] = WeakReference::create($client);
});
unset($client);
?>
--EXPECTF--
connect
receive hello and bye
close
--
connect
receive hello and bye
close
bool(true)
bool(false)
returns

Warning: Swoole\Client::send(): Unable to send: not connected in %s on line %d

Warning: Swoole\Client::close(): The client is not connected in %s on line %d
bool(false)
int(5001)
bool(false)
--
no tether is left
