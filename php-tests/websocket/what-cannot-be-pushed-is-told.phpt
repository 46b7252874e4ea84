--TEST--
push() says with false and errCode what it does not send: opcodes, order, length, a full output buffer
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

$peer = websocket_peer(['deaf' => true]);
$client = new Swoole\Http\Client('127.0.0.1', $peer->where);
$client->set(['socket_buffer_size' => 1 << 20]);
$client->on('message', fn () => null);
$client->upgrade('/', function ($client) {
    foreach ([['x', 11], ['x', 3], ['x', -1], ['x', WEBSOCKET_OPCODE_CONTINUATION], [str_repeat('x', 126), WEBSOCKET_OPCODE_PING], [str_repeat('x', 124), WEBSOCKET_OPCODE_CLOSE]] as $frame) {
        var_dump($client->push(...$frame), $client->errCode);
    }
    $client->push('begun', WEBSOCKET_OPCODE_TEXT, false);
    var_dump($client->push('another'), $client->errCode);
    $client->push('and ended', WEBSOCKET_OPCODE_CONTINUATION, true);

    // The peer reads nothing: what the kernel does not take waits here, up to the limit.
    $before = memory_get_usage();
    $full = function () use ($client, &$full) {
        for ($n = 0; $n < 100 && @$client->push(str_repeat('x', 65000), WEBSOCKET_OPCODE_BINARY); $n++);
        if ($n === 100 || $n > 0) {
            // Once more when the kernel has taken some.
            return Swoole\Timer::after(1, $full);
        }
        var_dump($client->push(str_repeat('x', 65000)), $client->errCode, $client->errMsg);
        var_dump($client->push('a little'));
        $client->close();
    };
    $full();
});
Swoole\Event::wait();
ledger_empty();
?>
--EXPECTF--
Warning: Swoole\Http\Client::push(): Unable to push the frame: invalid opcode in %s on line %d
bool(false)
int(8502)

Warning: Swoole\Http\Client::push(): Unable to push the frame: invalid opcode in %s on line %d
bool(false)
int(8502)

Warning: Swoole\Http\Client::push(): Unable to push the frame: invalid opcode in %s on line %d
bool(false)
int(8502)

Warning: Swoole\Http\Client::push(): Unable to push the frame: invalid opcode in %s on line %d
bool(false)
int(8502)

Warning: Swoole\Http\Client::push(): Unable to push the frame: a control frame holds at most 125 bytes in %s on line %d
bool(false)
int(1202)

Warning: Swoole\Http\Client::push(): Unable to push the frame: a control frame holds at most 125 bytes in %s on line %d
bool(false)
int(1202)

Warning: Swoole\Http\Client::push(): Unable to push the frame: invalid opcode in %s on line %d
bool(false)
int(8502)

Warning: Swoole\Http\Client::push(): Unable to push the frame: the output buffer is full in %s on line %d
bool(false)
int(1008)
string(25) "the output buffer is full"
bool(true)
