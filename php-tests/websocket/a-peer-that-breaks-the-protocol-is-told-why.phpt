--TEST--
A WebSocket peer that breaks the protocol, or says too much, is told why, and onClose follows
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

foreach ([
    'masked' => [websocket_frame(1, 'x', true, 'mask'), 1002],
    'reserved opcode' => [websocket_frame(3, 'x'), 1002],
    'not UTF-8' => [websocket_frame(1, "\xc3\x28"), 1007],
    'nothing to continue' => [websocket_frame(0, 'x'), 1002],
    'a ping too long' => [websocket_frame(9, str_repeat('x', 126)), 1002],
    'a bad close' => [websocket_close(1005), 1002],
    'a message too long' => [substr(websocket_frame(2, str_repeat('x', 70000)), 0, 10), 1009],
    'too long in parts' => [websocket_frame(2, str_repeat('x', 50000), false) . substr(websocket_frame(0, str_repeat('x', 50000)), 0, 4), 1009],
] as $name => [$bytes, $code]) {
    $peer = websocket_peer(['hello' => websocket_frame(1, 'fine') . $bytes, 'stays' => true]);
    $client = new Swoole\Http\Client('127.0.0.1', $peer->where);
    $client->set(['package_max_length' => 65536]);
    $told = '';
    $client->on('message', function ($client, $frame) use (&$told) { $told .= "$frame->data, "; });
    $client->on('close', function ($client) use (&$told) { $told .= "closed ($client->errCode) $client->errMsg"; });
    $client->upgrade('/', fn () => null);
    Swoole\Event::wait();
    $heard = websocket_heard($peer);
    echo "$name: $told, ", $heard === '8 ' . pack('n', $code) ? $code : json_encode($heard), "\n";
    $peer->stop();
}
ledger_empty();
?>
--EXPECT--
masked: fine, closed (104) The peer broke the protocol, 1002
reserved opcode: fine, closed (104) The peer broke the protocol, 1002
not UTF-8: fine, closed (104) The peer broke the protocol, 1007
nothing to continue: fine, closed (104) The peer broke the protocol, 1002
a ping too long: fine, closed (104) The peer broke the protocol, 1002
a bad close: fine, closed (104) The peer broke the protocol, 1002
a message too long: fine, closed (1201) the package is too large, 1009
too long in parts: fine, closed (1201) the package is too large, 1009
