--TEST--
A WebSocket's close frame comes as a CloseFrame, is answered, and onClose follows; ours waits for the answer
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

function talk(string $name, array $does, Closure $open, array $set = []): void
{
    echo "$name:\n";
    $peer = websocket_peer($does);
    $client = new Swoole\Http\Client('127.0.0.1', $peer->where);
    $client->set($set);
    $client->on('message', function ($client, $frame) {
        echo '  ', get_class($frame), " $frame->opcode", $frame instanceof Swoole\WebSocket\CloseFrame ? " $frame->code '$frame->reason'" : " $frame->data", "\n";
        if ($frame->opcode === WEBSOCKET_OPCODE_CLOSE && !@$client->push('too late')) {
            echo "  push: $client->errCode\n";
        }
    });
    $client->on('close', function ($client) { echo "  closed ($client->errCode)\n"; });
    $client->upgrade('/', $open);
    Swoole\Event::wait();
    echo '  the peer heard ', bin2hex(substr(websocket_heard($peer), 2)), "\n";
}

talk('the peer closes', ['hello' => websocket_close(4001, 'enough') . websocket_frame(1, 'dropped')], fn () => null);
talk('without a code', ['hello' => websocket_frame(8)], fn () => null);
talk('this side, with a reason', [], fn ($client) => $client->push('bye', WEBSOCKET_OPCODE_CLOSE));
talk('this side, as an object', [], function ($client) {
    $frame = new Swoole\WebSocket\CloseFrame();
    $frame->code = WEBSOCKET_CLOSE_GOING_AWAY;
    $frame->reason = 'off';
    $client->push($frame);
});
talk('nobody answers', ['stays' => true], fn ($client) => $client->push('', WEBSOCKET_OPCODE_CLOSE), ['timeout' => 0.1 * patience()]);
talk('the peer goes without a word', ['on' => ['go' => ''], 'after' => ['go' => 'close'], 'stays' => true], fn ($client) => $client->push('go'));
$client = new Swoole\Http\Client('127.0.0.1');
foreach ([['code', 1006], ['code', 0], ['reason', "\xff"]] as [$property, $value]) {
    $frame = new Swoole\WebSocket\CloseFrame();
    $frame->$property = $value;
    try {
        $client->push($frame);
    } catch (ValueError $e) {
        echo $e->getMessage(), "\n";
    }
}
ledger_empty();
?>
--EXPECT--
the peer closes:
  Swoole\WebSocket\CloseFrame 8 4001 'enough'
  push: 8503
  closed (8503)
  the peer heard 0fa1
without a code:
  Swoole\WebSocket\CloseFrame 8 1005 ''
  push: 8503
  closed (8503)
  the peer heard 
this side, with a reason:
  Swoole\WebSocket\CloseFrame 8 1000 ''
  push: 8503
  closed (8503)
  the peer heard 03e8627965
this side, as an object:
  Swoole\WebSocket\CloseFrame 8 1001 ''
  push: 8503
  closed (8503)
  the peer heard 03e96f6666
nobody answers:
  closed (110)
  the peer heard 03e8
the peer goes without a word:
  closed (0)
  the peer heard 676f
The code of a close frame is one of 1000 to 1003, 1007 to 1014, 3000 to 4999
The code of a close frame is one of 1000 to 1003, 1007 to 1014, 3000 to 4999
The reason of a close frame is UTF-8
