--TEST--
onBufferFull runs when the high watermark is reached, onBufferEmpty when what waits is gone
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../clients/clients.inc';

$far = stream_socket_server('tcp://127.0.0.1:0');
$port = (int) substr(strrchr(stream_socket_get_name($far, false), ':'), 1);
$client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
$client->set(['socket_buffer_size' => 16 << 20, 'buffer_high_watermark' => 1 << 20, 'buffer_low_watermark' => 1 << 10]);
$sent = 0;
$client->on('connect', static function ($client) use (&$sent) {
    $sent += $client->send(str_repeat('x', 12 << 20));
    var_dump(@$client->send(str_repeat('x', 12 << 20)), $client->errCode);
});
$client->on('bufferFull', static function ($client) use ($far, &$sent) {
    echo "full\n";
    $near = stream_socket_accept($far, 5);
    stream_set_blocking($near, false);
    $got = 0;
    swoole_event_add($near, static function ($near) use (&$got, &$sent) {
        $got += strlen(fread($near, 1 << 20));
        if ($got === $sent) {
            echo "all has arrived\n";
            swoole_event_del($near);
        }
    });
});
$client->on('bufferEmpty', static function ($client) {
    echo "empty\n";
    $client->close();
});
$client->on('receive', static fn () => null);
$client->on('error', static fn () => print("error\n"));
$client->on('close', static fn () => print("close\n"));
$client->connect('127.0.0.1', $port, 5);
Swoole\Event::wait();
unset($client);
var_dump($sent, ledger_empty());
?>
--EXPECT--
bool(false)
int(1008)
full
empty
close
all has arrived
int(12582912)
bool(true)
