--TEST--
getSocket() gives a Socket of ext-sockets, which outlives the client
--EXTENSIONS--
tether
sockets
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

$peer = peer(['answer' => true]);
$client = new Swoole\Client(SWOOLE_TCP);
var_dump(@$client->getSocket(), $client->errCode);
$client->connect('127.0.0.1', $peer->where, 5 * patience());
$descriptors = fd_count();
$socket = $client->getSocket();
var_dump($socket instanceof Socket, fd_count() - $descriptors);
socket_getpeername($socket, $host, $port);
var_dump($host, $port === $peer->where);
socket_set_option($socket, SOL_SOCKET, SO_KEEPALIVE, 1);
var_dump(socket_get_option($client->getSocket(), SOL_SOCKET, SO_KEEPALIVE));
unset($client);
socket_write($socket, 'still');
var_dump(socket_read($socket, 100));
unset($socket);
var_dump(fd_count() - $descriptors);
var_dump($peer->saw('fin') !== null);

$client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
$client->on('connect', function ($client) {
    socket_getpeername($client->getSocket(), $host, $port);
    var_dump($host);
    $client->close();
});
$client->on('receive', fn () => null);
$client->on('error', fn () => null);
$client->on('close', fn () => print("closed\n"));
$client->connect('127.0.0.1', $peer->where, 5 * patience());
unset($client);
Swoole\Event::wait();
$client = new Swoole\Client(SWOOLE_TCP | SWOOLE_KEEP);
$client->connect('127.0.0.1', $peer->where, 5 * patience());
var_dump($client->getSocket());
?>
--EXPECTF--
bool(false)
int(5001)
bool(true)
int(1)
string(9) "127.0.0.1"
bool(true)
int(1)
string(5) "still"
int(-1)
bool(true)
string(9) "127.0.0.1"
closed

Warning: Swoole\Client::getSocket(): The socket of a client with SWOOLE_KEEP is not given away in %s on line %d
bool(false)
