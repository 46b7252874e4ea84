--TEST--
An async client with packet options receives whole packets, and a broken one closes it
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../clients/clients.inc';

/** Talks to a peer that greets so and answers each piece so, and prints all that is told. */
function talk(string $title, string $hello, array $options, ?string $answer = null): void
{
    echo "-- $title\n";
    $peer = peer(['hello' => $hello, 'answer' => $answer ?? '', 'after' => $answer === null ? 9 : 1]);
    $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
    $client->set($options);
    $client->on('connect', static fn () => null);
    $client->on('receive', static function ($client, $data) use (&$answer) {
        echo 'receive ', json_encode($data), "\n";
        $answer === null or $client->send('more');
        $answer = null;
    });
    $client->on('error', static function () {
        echo "error\n";
    });
    $client->on('close', static function ($client) {
        echo "close ($client->errCode)\n";
    });
    $client->connect('127.0.0.1', $peer->where, 5);
    $dead = WeakReference::create($client);
    unset($client);
    Swoole\Event::wait();
    var_dump($dead->get() === null && ledger_empty());
}

talk('a mark for each', "one\r\n\r\ntwo\r\n\r\nth", ['open_eof_split' => true], "ree\r\n\r\nrest");
talk('a mark at the end', "one;two;", ['open_eof_check' => true, 'package_eof' => ';'], "three;");
talk('a length', "\0\3abc\0\1x\0\5he", ['open_length_check' => true, 'package_length_type' => 'n', 'package_body_offset' => 2], "llo");
talk('too long', "\0\1y\1\0", ['open_length_check' => true, 'package_length_type' => 'n', 'package_body_offset' => 2, 'package_max_length' => 100]);
talk('no mark', str_repeat('x', 200), ['open_eof_split' => true, 'package_max_length' => 100]);
talk('MQTT', "\x20\2\0\0\x30\x05\0\1t", ['open_mqtt_protocol' => true], "hi\x50");
talk('MQTT without an end of the length', "\x50\2\0\1\x50\x80\x80\x80\x80", ['open_mqtt_protocol' => true]);
talk('a function', '3ab2c', ['open_length_check' => true, 'package_length_func' => static function ($head) {
    echo "asked for $head\n";
    return (int) $head;
}], '1-');
talk('a function that refuses', 'x', ['open_length_check' => true, 'package_length_func' => static fn () => -1]);
set_exception_handler(static function ($e) {
    echo 'thrown: ', $e->getMessage(), "\n";
});
talk('a function that throws', 'x', ['open_length_check' => true, 'package_length_func' => static fn () => throw new Exception('no')]);

echo "-- a function that closes its client\n";
$client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
$client->set(['open_length_check' => true, 'package_length_func' => static function () use (&$client) {
    $client->close();
    return 1;
}]);
foreach (['connect', 'receive', 'error', 'close'] as $event) {
    $client->on($event, static function () use ($event) {
        echo "$event\n";
    });
}
$client->connect('127.0.0.1', peer(['hello' => 'xyz'])->where, 5);
Swoole\Event::wait();
$dead = WeakReference::create($client);
unset($client);
gc_collect_cycles();
var_dump($dead->get(), ledger_empty());
?>
--EXPECT--
-- a mark for each
receive "one\r\n\r\n"
receive "two\r\n\r\n"
receive "three\r\n\r\n"
close (0)
bool(true)
-- a mark at the end
receive "one;two;"
receive "three;"
close (0)
bool(true)
-- a length
receive "\u0000\u0003abc"
receive "\u0000\u0001x"
receive "\u0000\u0005hello"
close (0)
bool(true)
-- too long
receive "\u0000\u0001y"
close (1201)
bool(true)
-- no mark
close (1201)
bool(true)
-- MQTT
receive " \u0002\u0000\u0000"
receive "0\u0005\u0000\u0001thi"
close (0)
bool(true)
-- MQTT without an end of the length
receive "P\u0002\u0000\u0001"
close (1201)
bool(true)
-- a function
asked for 3ab2c
receive "3ab"
asked for 2c
receive "2c"
asked for 1-
receive "1"
asked for -
close (0)
bool(true)
-- a function that refuses
close (1201)
bool(true)
-- a function that throws
thrown: no
close (1201)
bool(true)
-- a function that closes its client
connect
close
NULL
bool(true)
