--TEST--
sendfile() sends a part of a file between what is sent before and after it
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../clients/clients.inc';

$file = temp_path('.txt');
file_put_contents($file, '0123456789');
$big = temp_path('.big');
file_put_contents($big, str_repeat('0123456789abcdef', 1 << 18));
$before = fd_count();

$echo = peer(['answer' => true, 'quiet' => true]);
$client = new Swoole\Client(SWOOLE_TCP);
var_dump(@$client->sendfile($file), $client->errCode);
$client->connect('127.0.0.1', $echo->where, 5);
var_dump($client->send('<'), $client->sendfile($file, 2, 5), $client->sendfile($file, 8), $client->send('>'));
var_dump($client->recv(9, Swoole\Client::MSG_WAITALL));
var_dump(@$client->sendfile("$file.missing"), $client->errCode);
var_dump($client->sendfile($file, 8, 5), $client->sendfile($file, 10));
unset($client);

$client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
$client->on('connect', static function ($client) use ($file, $big) {
    var_dump($client->send('<'), $client->sendfile($file, 2, 5), $client->sendfile($big), $client->send('>'));
});
$got = '';
$client->on('receive', static function ($client, $data) use (&$got, $big) {
    $got .= $data;
    if (str_ends_with($got, '>')) {
        var_dump($got === '<23456' . file_get_contents($big) . '>');
        $client->close();
    }
});
$client->on('error', static fn () => print("error\n"));
$client->on('close', static fn () => print("close\n"));
var_dump(@$client->sendfile($file));
$client->connect('127.0.0.1', $echo->where, 5);
Swoole\Event::wait();
unset($client);
var_dump(ledger_empty());
?>
--EXPECTF--
bool(false)
int(5001)
int(1)
bool(true)
bool(true)
int(1)
string(9) "<2345689>"
bool(false)
int(2)

Warning: Swoole\Client::sendfile(): There is nothing to send, or less than that in %s on line %d

Warning: Swoole\Client::sendfile(): There is nothing to send, or less than that in %s on line %d
bool(false)
bool(false)
bool(false)
int(1)
bool(true)
bool(true)
int(1)
bool(true)
close
bool(true)
