--TEST--
shutdown() ends one side after what was sent, and the other goes on
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../clients/clients.inc';

$far = stream_socket_server('tcp://127.0.0.1:0');
$port = (int) substr(strrchr(stream_socket_get_name($far, false), ':'), 1);

$client = new Swoole\Client(SWOOLE_TCP);
var_dump(@$client->shutdown(Swoole\Client::SHUT_WR), $client->errCode);
$client->connect('127.0.0.1', $port, 5);
$near = stream_socket_accept($far, 5);
var_dump($client->send('bye'), $client->shutdown(Swoole\Client::SHUT_WR), stream_get_contents($near));
fwrite($near, 'still here');
var_dump($client->recv(), @$client->send('x'), $client->errCode);
try {
    $client->shutdown(3);
} catch (ValueError $e) {
    echo $e->getMessage(), "\n";
}
unset($client, $near);

$client = telling_client();
$client->on('connect', static function ($client) use ($far) {
    var_dump($client->send('bye'), $client->shutdown(Swoole\Client::SHUT_WR));
    $near = stream_socket_accept($far, 5);
    var_dump(stream_get_contents($near));
    fwrite($near, 'still here');
});
$client->connect('127.0.0.1', $port, 5);
unset($client);
Swoole\Event::wait();
var_dump(ledger_empty());
?>
--EXPECT--
bool(false)
int(5001)
int(3)
bool(true)
string(3) "bye"
string(10) "still here"
bool(false)
int(32)
Swoole\Client::shutdown(): Argument #1 ($how) must be one of the Swoole\Client::SHUT_* constants
int(3)
bool(true)
string(3) "bye"
receive still here
close
bool(true)
