--TEST--
A WebSocket's fragments are one message, control frames between them come first, and each ping is answered
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

$peer = websocket_peer(['hello' => websocket_frame(1, "gr\xc3", false) . websocket_frame(9, 'there?')
    . websocket_frame(0, "\xbc\xc3\x9fe", false) . websocket_frame(10, 'unasked') . websocket_frame(0)
    . websocket_frame(2, str_repeat('x', 70000))]);
$client = new Swoole\Http\Client('127.0.0.1', $peer->where);
$client->on('message', function ($client, $frame) use ($peer) {
    echo "$frame->opcode ", strlen($frame->data) > 100 ? strlen($frame->data) : $frame->data, "\n";
    if ($frame->opcode === WEBSOCKET_OPCODE_BINARY) {
        // The answer to the ping left before what is sent now.
        $client->push('after it');
    } elseif ($frame->data === 'after it') {
        $client->close();
    }
});
$client->upgrade('/', fn () => null);
Swoole\Event::wait();
foreach ([1, 2, 3] as $_) {
    echo json_encode(websocket_heard($peer), JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
ledger_empty();
?>
--EXPECT--
9 there?
10 unasked
1 grüße
2 70000
1 after it
"10 there?"
"1 after it"
"8 \u0003\ufffd"
