--TEST--
A sync datagram client sends and receives one datagram a call and knows who sent the last one
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../clients/clients.inc';

/** A datagram socket of the test's own, and its port. */
function far(string $address): array
{
    $socket = stream_socket_server($address, $errno, $error, STREAM_SERVER_BIND);
    return [$socket, (int) substr(strrchr(stream_socket_get_name($socket, false), ':'), 1)];
}

$before = fd_count();
foreach ([SWOOLE_SOCK_UDP => '127.0.0.1', SWOOLE_SOCK_UDP6 => '[::1]'] as $type => $host) {
    [$far, $port] = far("udp://$host:0");
    [$other, $other_port] = far("udp://$host:0");
    $client = new Swoole\Client($type);
    var_dump($client->connect(trim($host, '[]'), $port, 0.2), $client->isConnected());
    var_dump($client->send('one'), $client->send('two'));
    echo stream_socket_recvfrom($far, 99, 0, $from), ' ', stream_socket_recvfrom($far, 99, 0, $from), "\n";
    stream_socket_sendto($far, 'first', 0, $from);
    stream_socket_sendto($other, 'second', 0, $from);
    var_dump($client->recv(), $client->getpeername()['port'] === $port);
    var_dump($client->recv(3), $client->getpeername()['port'] === $other_port);
    var_dump(@$client->recv(), $client->errCode);
    var_dump($client->sendto(trim($host, '[]'), $other_port, 'hello'), stream_socket_recvfrom($other, 99), $client->close());

    // With the flag only the peer is heard.
    var_dump($client->connect(trim($host, '[]'), $port, 0.2, 1), $client->send('x'));
    stream_socket_recvfrom($far, 99, 0, $from);
    stream_socket_sendto($other, 'stranger', 0, $from);
    stream_socket_sendto($far, 'peer', 0, $from);
    var_dump($client->recv());
    unset($client, $far, $other);

    // sendto() needs no connect().
    [$far, $port] = far("udp://$host:0");
    $client = new Swoole\Client($type);
    var_dump($client->sendto(trim($host, '[]'), $port, 'ping'), stream_socket_recvfrom($far, 99, 0, $from));
    stream_socket_sendto($far, 'pong', 0, $from);
    var_dump($client->recv());
    unset($client, $far);
}
$path = temp_path('.sock');
$far = stream_socket_server("udg://$path", $errno, $error, STREAM_SERVER_BIND);
$client = new Swoole\Client(SWOOLE_SOCK_UNIX_DGRAM);
var_dump($client->connect($path), $client->send('unix'), stream_socket_recvfrom($far, 99, 0, $from));
// PHP's streams can not send to an abstract address, as the client's is.
var_dump($from !== '', $client->sendto('127.0.0.1', 9, 'x'));
unset($client, $far);
$client = new Swoole\Client(SWOOLE_SOCK_UNIX_DGRAM);
var_dump(@$client->connect("$path.missing"), $client->errCode);
$client = new Swoole\Client(SWOOLE_TCP);
var_dump(@$client->sendto('127.0.0.1', 9, 'x'));
unset($client);
var_dump(fd_count() - $before);
?>
--EXPECTF--
bool(true)
bool(true)
int(3)
int(3)
one two
string(5) "first"
bool(true)
string(3) "sec"
bool(true)
bool(false)
int(11)
bool(true)
string(5) "hello"
bool(true)
bool(true)
int(1)
string(4) "peer"
bool(true)
string(4) "ping"
string(4) "pong"
bool(true)
bool(true)
int(3)
int(3)
one two
string(5) "first"
bool(true)
string(3) "sec"
bool(true)
bool(false)
int(11)
bool(true)
string(5) "hello"
bool(true)
bool(true)
int(1)
string(4) "peer"
bool(true)
string(4) "ping"
string(4) "pong"
bool(true)
int(4)
string(4) "unix"

Warning: Swoole\Client::sendto(): Only UDP clients can send to an address in %s on line %d
bool(true)
bool(false)
bool(false)
int(2)
bool(false)
int(0)
