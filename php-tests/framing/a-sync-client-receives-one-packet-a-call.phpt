--TEST--
A sync client with packet options receives one packet a call and keeps the rest
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../clients/clients.inc';

/** Connects to a peer that greets with these bytes. */
function to(string $hello, array $options, array $does = []): swoole_client
{
    static $peers = [];
    $peers[] = $peer = peer(['hello' => $hello] + $does);
    $client = new swoole_client(SWOOLE_SOCK_TCP);
    $client->set($options);
    $client->connect('127.0.0.1', $peer->where, 0.3) or exit('no connection');
    return $client;
}

echo "-- eof\n";
foreach (['open_eof_check', 'open_eof_split'] as $option) {
    $client = to("one;;two;;th", [$option => true, 'package_eof' => ';;'], ['answer' => 'ree;;']);
    echo json_encode([$client->recv(1), $client->recv(), @$client->recv(), $client->errCode]), "\n";
    $client->send('x');
    echo json_encode($client->recv()), "\n";
}
$client = to("a\0\nb", ['open_eof_split' => true, 'package_eof' => "\0\n"], ['answer' => 'y', 'after' => 1]);
echo json_encode([$client->recv(), $client->send('x'), $client->recv()]), "\n";

echo "-- length\n";
foreach (['c', 'C', 's', 'S', 'n', 'l', 'L', 'N', 'v', 'V'] as $type) {
    $size = strlen(pack($type, 0));
    $packet = static fn ($body) => 'h' . pack($type, strlen($body)) . $body;
    $options = ['open_length_check' => true, 'package_length_type' => $type, 'package_length_offset' => 1];
    $client = to($packet('hello') . $packet(''), $options + ['package_body_offset' => 1 + $size]);
    echo $type, (int) ($client->recv() === $packet('hello')), (int) ($client->recv() === $packet('')), ' ';
    $client = to('h' . pack($type, 10) . str_repeat('x', 9 - $size), $options);
    echo strlen($client->recv()), "\n";
}
$client = to("\0\0\0\2x", ['open_length_check' => true, 'package_body_start' => 4], ['after' => 1]);
echo json_encode([$client->send('x'), $client->recv(), $client->errCode]), " a packet that is cut off\n";

echo "-- MQTT\n";
$client = to("\x20\2\0\0\x30\x80\1" . str_repeat('m', 100), ['open_mqtt_protocol' => true], ['answer' => str_repeat('M', 28)]);
echo json_encode([$client->recv(1), $client->send('x'), strlen($client->recv())]), "\n";

echo "-- a function\n";
$client = to('3ab0', ['open_length_check' => true, 'package_length_func' => static function (string $head) {
    echo "asked for $head\n";
    return $head[0] === '0' ? (strlen($head) > 1 ? 2 : 0) : (int) $head[0];
}], ['answer' => '1']);
echo json_encode([$client->recv(), $client->send('x'), $client->recv()]), "\n";
$client = to('x', ['open_length_check' => true, 'package_length_func' => fn () => throw new Exception('thrown')]);
try {
    $client->recv();
} catch (Exception $e) {
    echo $e->getMessage(), "\n";
}
$client = to('x', ['open_length_check' => true]);
$client->set(['package_length_func' => function () use (&$client) {
    $client->close();
    return 1;
}]);
$client->close();
$client->connect('127.0.0.1', peer(['hello' => 'x'])->where, 5);
var_dump(@$client->recv(), $client->errCode);
$dead = WeakReference::create($client);
unset($client);
gc_collect_cycles();
var_dump($dead->get());

echo "-- what can not be\n";
$client = to(str_repeat('x', 200), ['open_eof_split' => true, 'package_max_length' => 100]);
var_dump($client->recv(), $client->errCode);
$client = to("\0\0\1\0", ['open_length_check' => true, 'package_max_length' => 100]);
var_dump($client->recv(), $client->errCode);
$client = to("\x30\xff\xff\xff\xff", ['open_mqtt_protocol' => true]);
var_dump($client->recv(), $client->errCode);
$client = to("\xff", ['open_length_check' => true, 'package_length_type' => 'c']);
var_dump($client->recv(), $client->errCode);
foreach ([
    ['package_eof' => ''], ['package_eof' => '123456789'], ['package_length_type' => 'x'],
    ['package_length_type' => 'NN'], ['package_length_offset' => -1], ['package_length_func' => 'no_such_function'],
] as $options) {
    try {
        $client->set($options);
    } catch (Error $e) {
        echo get_class($e), ': ', $e->getMessage(), "\n";
    }
}
?>
--EXPECTF--
-- eof
["one;;","two;;",false,11]
"three;;"
["one;;","two;;",false,11]
"three;;"
["a\u0000\n",1,""]
-- length
c11 10
C11 10
s11 10
S11 10
n11 10
l11 10
L11 10
N11 10
v11 10
V11 10
[1,"",0] a packet that is cut off
-- MQTT
[" \u0002\u0000\u0000",1,131]
-- a function
asked for 3ab0
asked for 0
asked for 01
["3ab",1,"01"]
thrown
bool(false)
int(5001)
NULL
-- what can not be

Warning: Swoole\Client::recv(): Unable to receive: the packet is longer than package_max_length in %s on line %d
bool(false)
int(1201)
string(0) ""
int(1201)
string(0) ""
int(1201)
string(0) ""
int(1201)
ValueError: option "package_eof" must be 1 to 8 bytes long
ValueError: option "package_eof" must be 1 to 8 bytes long
ValueError: option "package_length_type" must be one of c C s S n N l L v V
ValueError: option "package_length_type" must be 1 to 1 bytes long
ValueError: option "package_length_offset" must be between 0 and 8192, -1 given
TypeError: option "package_length_func" must be a valid callback, function "no_such_function" not found or invalid function name
