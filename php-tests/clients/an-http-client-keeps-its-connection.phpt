--TEST--
A request from inside the response callback goes out on the same connection
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$peer = answering_peer(response('again'));
$client = new Swoole\Http\Client('localhost', $peer->where);
$client->on('connect', function () { echo "connect\n"; });
$client->on('close', function () { echo "close\n"; });
$left = 3;
$again = function ($client) use (&$again, &$left) {
    echo "$client->statusCode $client->body\n";
    if (--$left > 0) {
        $client->get("/$left", $again);
    } else {
        $again = null;
        $client->close();
    }
};
$client->get('/', $again);
$gone = WeakReference::create($client);
unset($client);
after_loop(function () use ($peer, $gone) {
    $seen = [];
    while (($what = $peer->hear(1)) !== null && $what[0] !== 'fin') {
        $seen[] = "$what[0] $what[1]";
    }
    echo implode(', ', $seen), "\n";
    all_gone(client: $gone);
});
?>
--EXPECT--
connect
200 again
200 again
200 again
close
connect 0, data 0, data 0, data 0
no tether is left
