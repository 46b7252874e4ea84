--TEST--
A local sync client closes its descriptor when the function returns
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$echo = echo_peer();
$silent = silent_peer();
$closing = closing_peer(1);
$unix = peer(['unix' => true, 'answer' => true]);
$much = answering_peer(str_repeat('y', 80000));
$before = fd_count();
(function () use ($echo) {
    $client = new swoole_client(SWOOLE_SYNC);
    var_dump($client->connect('localhost', $echo->where, 5), $client->isConnected());
    var_dump($client->getpeername()['port'] === $echo->where, $client->getsockname()['host']);
    var_dump($client->connect('localhost', $echo->where));
    var_dump($client->send('hello'), $client->recv(2, swoole_client::MSG_PEEK), $client->recv(5, 1));
    var_dump($client->recv(1, swoole_client::MSG_DONTWAIT), $client->errCode);
})();
(function () use ($much) {
    $client = new swoole_client(SWOOLE_SYNC);
    $client->connect('127.0.0.1', $much->where, 5);
    $client->send('x');
    var_dump(strlen($client->recv(80000, swoole_client::MSG_WAITALL)));
})();
var_dump(fd_count() === $before);

$client = new Swoole\Client(SWOOLE_TCP);
var_dump(@$client->send('x'), $client->errCode, @$client->close());
var_dump($client->connect('127.0.0.1', $silent->where, 0.1), @$client->recv(), $client->errCode, $client->close());
var_dump(@$client->connect('127.0.0.1', refusing_port()), $client->errCode);
var_dump(@$client->connect('no-such-name.invalid', 80, 5), $client->errCode);
$full = full_backlog_listener();
var_dump(@$client->connect('127.0.0.1', $full->port, 0.1), $client->errCode);
var_dump($client->connect('127.0.0.1', $closing->where), $client->send('x'), $client->recv(), $client->isConnected());
$client = new Swoole\Client(SWOOLE_UNIX_STREAM);
var_dump($client->connect($unix->where), $client->send('x'), $client->recv(), $client->getsockname());
try {
    $client->on('close', fn () => null);
} catch (Error $e) {
    echo $e->getMessage(), "\n";
}
$GLOBALS['kept']['client'] = $client;
unset($client);
$open = fd_count();
unset($GLOBALS['kept']['client']);
var_dump($open - fd_count());
?>
--EXPECTF--
bool(true)
bool(true)
bool(true)
string(9) "127.0.0.1"

Warning: Swoole\Client::connect(): The client is already connected in %s on line %d
bool(false)
int(5)
string(2) "he"
string(5) "hello"

Warning: Swoole\Client::recv(): Unable to receive: Resource temporarily unavailable in %s on line %d
bool(false)
int(11)
int(80000)
bool(true)
bool(false)
int(5001)
bool(false)
bool(true)
bool(false)
int(11)
bool(true)
bool(false)
int(111)
bool(false)
int(704)
bool(false)
int(110)
bool(true)
int(1)
string(0) ""
bool(true)
bool(true)
int(1)
string(1) "x"
bool(false)
Event callbacks need an asynchronous client: construct it with SWOOLE_ASYNC
int(1)
