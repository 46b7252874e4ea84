--TEST--
A client can connect again inside onClose and onError, and is tethered again
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$peer = closing_peer(0);
$port = refusing_port();
class C extends Swoole\Client
{
    public int $times = 0;

    public function __destruct() { echo "destroyed\n"; }
}
$client = telling_client(C::class);
$client->on('error', function ($client) use ($peer, $port) {
    echo "error $client->errCode\n";
    var_dump($client->isConnected());
    $client->connect('127.0.0.1', ++$client->times < 2 ? $port : $peer->where);
});
$client->on('close', function ($client) use ($peer) {
    echo "close\n";
    if (++$client->times < 5) {
        var_dump($client->connect('127.0.0.1', $peer->where));
    }
});
var_dump($client->connect('127.0.0.1', $port), $client->connect('127.0.0.1', $port));
unset($client);
after_loop(fn () => all_gone());
?>
--EXPECTF--

Warning: Swoole\Client::connect(): The client is already connected in %s on line %d
bool(true)
bool(false)
error 111
bool(false)
error 111
bool(false)
connect
close
bool(true)
connect
close
bool(true)
connect
close
destroyed
no tether is left
