--TEST--
swoole_client_select() keeps the clients and streams that are ready, with their keys
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../clients/clients.inc';

$echo = echo_peer();
$clients = [];
foreach (['a', 'b', 7] as $name) {
    $clients[$name] = new Swoole\Client(SWOOLE_TCP);
    // The flag: connect() returns at once.
    $clients[$name]->connect('127.0.0.1', $echo->where, 5, 1) or exit('no connection');
}
$read = $error = [];
$write = $clients;
var_dump(swoole_client_select($read, $write, $error, 5) > 0, $write['b'] === $clients['b']);
var_dump($clients['b']->send('x'), $clients[7]->send('y'));
$echo->saw('data');
$echo->saw('data');
$ready = [];
while (count($ready) < 2) {
    $read = $clients;
    $write = null;
    swoole_select($read, $write, $error, 5) or exit('nothing came');
    foreach ($read as $name => $client) {
        $ready[$name] = $client->recv();
    }
}
ksort($ready);
var_dump($ready, $write);
$read = $clients;
var_dump(swoole_client_select($read, $write, $error, 0.01), $read);

echo "a refused connect is ready\n";
$refused = new Swoole\Client(SWOOLE_TCP);
var_dump($refused->connect('127.0.0.1', refusing_port(), 5, 1));
$write = [$refused];
var_dump(swoole_client_select($read, $write, $error, 5), @$refused->send('x'), $refused->errCode);

echo "a packet in memory is ready\n";
$packets = new Swoole\Client(SWOOLE_TCP);
$packets->set(['open_eof_split' => true, 'package_eof' => ';']);
$packets->connect('127.0.0.1', peer(['hello' => 'one;two;'])->where, 5);
var_dump($packets->recv());
$read = ['p' => $packets];
$write = [];
var_dump(swoole_client_select($read, $write, $error, 5), $read['p']->recv());

echo "streams\n";
[$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
fwrite($far, 'x');
$read = ['s' => $near, 'c' => $clients['a']];
var_dump(swoole_client_select($read, $write, $error, 5), array_keys($read));

echo "nothing\n";
$read = $write = $error = [];
var_dump(swoole_client_select($read, $write, $error));
$read = [new Swoole\Client(SWOOLE_TCP)];
var_dump(swoole_client_select($read, $write, $error));
?>
--EXPECTF--
bool(true)
bool(true)
int(1)
int(1)
array(2) {
  [7]=>
  string(1) "y"
  ["b"]=>
  string(1) "x"
}
NULL
int(0)
array(0) {
}
a refused connect is ready
bool(true)
int(1)
bool(false)
int(111)
a packet in memory is ready
string(4) "one;"
int(1)
string(4) "two;"
streams
int(1)
array(1) {
  [0]=>
  string(1) "s"
}
nothing

Warning: swoole_client_select(): There is nothing to wait for: all arrays are empty in %s on line %d
bool(false)

Warning: swoole_client_select(): An element has no descriptor, and is left out in %s on line %d

Warning: swoole_client_select(): There is nothing to wait for in %s on line %d
bool(false)
