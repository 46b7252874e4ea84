--TEST--
Misuse of an async client is told: missing callbacks, unknown events, no host
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$client = new Swoole\Client(SWOOLE_SOCK_TCP, SWOOLE_SOCK_ASYNC);
try {
    $client->connect('127.0.0.1', 1);
} catch (Error $e) {
    echo $e->getMessage(), "\n";
}
var_dump($client->on('connec', fn () => null), $client->connect(''), $client->connect('127.0.0.1'), $client->connect('127.0.0.1', 70000));
var_dump($client->send(''), $client->send('x'), $client->errCode, $client->close());
foreach ([[SWOOLE_UDP | SWOOLE_SSL], [7], [SWOOLE_TCP | SWOOLE_ASYNC | SWOOLE_KEEP]] as $arguments) {
    try {
        new Swoole\Client(...$arguments);
    } catch (ValueError $e) {
        echo $e->getMessage(), "\n";
    }
}
$http = new Swoole\Http\Client('127.0.0.1');
var_dump($http->on('messages', fn () => null), $http->get('/a b', fn () => null), $http->get('', fn () => null));

$unix = peer(['unix' => true, 'hello' => 'x', 'after' => 0]);
$client = new Swoole\Client(SWOOLE_UNIX_STREAM | SWOOLE_ASYNC);
foreach (['Connect', 'ERROR', 'close'] as $event) {
    $client->on($event, function ($client) use ($event) { echo "$event\n"; });
}
var_dump($client->connect($unix->where));
unset($client);
$client = telling_client(type: SWOOLE_UNIX_STREAM);
$client->connect('/nonexistent/socket');
unset($client, $http);
after_loop(fn () => all_gone());
?>
--EXPECTF--
Event callback 'connect' is missing: register it with on()

Warning: Swoole\Client::on(): Unknown event 'connec' in %s on line %d

Warning: Swoole\Client::connect(): The host is empty in %s on line %d

Warning: Swoole\Client::connect(): The port must be between 1 and 65535 in %s on line %d

Warning: Swoole\Client::connect(): The port must be between 1 and 65535 in %s on line %d
bool(false)
bool(false)
bool(false)
bool(false)

Warning: Swoole\Client::send(): The data is empty in %s on line %d

Warning: Swoole\Client::send(): Unable to send: not connected in %s on line %d

Warning: Swoole\Client::close(): The client is not connected in %s on line %d
bool(false)
bool(false)
int(5001)
bool(false)
Swoole\Client::__construct(): Argument #1 ($type) must not combine SWOOLE_SSL with datagrams
Swoole\Client::__construct(): Argument #1 ($type) must be a socket type, unknown client type '7'
Swoole\Client::__construct(): Argument #1 ($type) must not combine SWOOLE_KEEP with SWOOLE_ASYNC

Warning: Swoole\Http\Client::on(): Unknown event 'messages' in %s on line %d

Warning: Swoole\Http\Client::get(): Unable to send the request: path is empty or holds a space or control character in %s on line %d

Warning: Swoole\Http\Client::get(): Unable to send the request: path is empty or holds a space or control character in %s on line %d
bool(false)
bool(false)
bool(false)
bool(true)
%A
no tether is left
