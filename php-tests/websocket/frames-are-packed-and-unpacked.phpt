--TEST--
Swoole\WebSocket\Frame: pack(), unpack() and (string) are RFC 6455's bytes
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\WebSocket\{CloseFrame, Frame};

echo json_encode(new Frame()), "\n", json_encode(new CloseFrame()), "\n";
echo bin2hex(Frame::pack('Hello')), ' ', bin2hex(Frame::pack('Hel', WEBSOCKET_OPCODE_TEXT, false)), ' ', bin2hex(Frame::pack('', WEBSOCKET_OPCODE_PING)), "\n";
$masked = Frame::pack('Hello', WEBSOCKET_OPCODE_BINARY, true, true);
echo strlen($masked), ' ', bin2hex(substr($masked, 0, 2)), ' ', json_encode(Frame::unpack($masked)), "\n";
var_dump($masked === Frame::pack('Hello', WEBSOCKET_OPCODE_BINARY, true, true));
foreach ([0, 125, 126, 65535, 65536] as $length) {
    $frame = Frame::unpack(Frame::pack(str_repeat('x', $length)) . 'more');
    echo strlen($frame->data), "\n";
}
$close = new CloseFrame();
$close->code = 1001;
$close->reason = 'off';
echo bin2hex((string) $close), ' ', json_encode(swoole_websocket_frame::unpack((string) $close)), "\n";
echo bin2hex(Frame::pack($close)), ' ', get_class(Frame::unpack("\x88\x00")), ' ', Frame::unpack("\x88\x00")->code, "\n";
var_dump(Frame::pack('x', 3), Frame::pack(str_repeat('x', 126), WEBSOCKET_OPCODE_PONG));
var_dump(Frame::unpack(''), Frame::unpack("\x81"), Frame::unpack("\x81\x05Hell"), Frame::unpack("\x83\x00"), Frame::unpack("\x88\x01x"), Frame::unpack("\xff\xff"));
$frame = new Frame();
$frame->data = 'own';
$frame->opcode = 12;
try {
    echo $frame;
} catch (ValueError $e) {
    echo $e->getMessage(), "\n";
}
var_dump($frame instanceof Stringable, $close instanceof Frame);
?>
--EXPECT--
{"fd":0,"data":"","opcode":1,"finish":true,"flags":1}
{"fd":0,"data":"","opcode":8,"finish":true,"flags":1,"code":1000,"reason":""}
810548656c6c6f 010348656c 8900
11 8285 {"fd":0,"data":"Hello","opcode":2,"finish":true,"flags":1}
bool(false)
0
125
126
65535
65536
880503e96f6666 {"fd":0,"data":"","opcode":8,"finish":true,"flags":1,"code":1001,"reason":"off"}
880503e96f6666 Swoole\WebSocket\CloseFrame 1005
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
The frame cannot be packed: invalid opcode or payload
bool(true)
bool(true)
