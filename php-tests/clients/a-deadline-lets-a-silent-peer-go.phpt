--TEST--
Each deadline ends a connection whose peer is silent
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$full = full_backlog_listener();
$silent = silent_peer();
$gone = [];
$begun = microtime(true);
$client = telling_client();
$client->connect('127.0.0.1', $full->port, 0.1);
$gone['connect'] = WeakReference::create($client);
$client = telling_client();
$client->set(['read_timeout' => 0.3]);
$client->connect('127.0.0.1', $silent->where);
$gone['read'] = WeakReference::create($client);
$client = new Swoole\Http\Client('127.0.0.1', $silent->where);
$client->set(['timeout' => 0.6]);
$client->get('/', function ($client) { echo "response $client->statusCode\n"; });
$gone['http'] = WeakReference::create($client);
unset($client);
after_loop(function () use (&$gone, $begun) {
    var_dump(microtime(true) - $begun > 0.5, microtime(true) - $begun < 0.9 * patience());
    all_gone(...$gone);
});
?>
--EXPECT--
connect
error (110)
close (110)
response -2
bool(true)
bool(true)
no tether is left
