--TEST--
Swoole\Http\Client: upgrade() makes its connection a WebSocket: messages both ways, masked, until one side closes
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

$peer = websocket_peer(['hello' => websocket_frame(1, 'right behind the 101')]);
$client = new swoole_http_client('127.0.0.1', $peer->where);
$client->setHeaders(['Origin' => 'http://a.example', 'Connection' => 'close', 'Sec-WebSocket-Key' => 'mine']);
$client->on('message', function ($client, $frame) use ($peer) {
    static $n = 0;
    echo get_class($frame), " $frame->opcode ", json_encode($frame->data, JSON_INVALID_UTF8_SUBSTITUTE), ' ', json_encode([$frame->finish, $frame->flags]), "\n";
    switch ($n++) {
        case 1:
            $client->push("\0\xff", WEBSOCKET_OPCODE_BINARY);
            return;
        case 2:
            // An object says itself what it is.
            $frame->opcode = WEBSOCKET_OPCODE_TEXT;
            $frame->data = 'from an object';
            var_dump($client->push($frame));
            return;
        case 3:
            // A message of ours in parts, a ping between them.
            $client->push('in ', WEBSOCKET_OPCODE_TEXT, false);
            $client->push('?', WEBSOCKET_OPCODE_PING);
            $client->push('parts', WEBSOCKET_OPCODE_CONTINUATION, true);
            return;
        case 5:
            var_dump($client->close(), $client->isConnected());
    }
});
$client->on('close', function ($client) { echo "closed ($client->errCode)\n"; });
var_dump($client->upgrade('/chat?room=1', function ($client) {
    echo "$client->statusCode {$client->headers['upgrade']}\n";
    var_dump($client->isConnected(), $client->push('hello'));
    var_dump($client->get('/', fn () => null));
}));
Swoole\Event::wait();
[, , $head] = $peer->process->hear();
echo preg_replace('/^(Sec-WebSocket-Key: ).{22}==/m', '$1...', $head), "\n\n";
for ($i = 0; $i < 7; $i++) {
    echo json_encode(websocket_heard($peer), JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
ledger_empty();
?>
--EXPECTF--
bool(true)
101 websocket
bool(true)
bool(true)

Warning: Swoole\Http\Client::get(): Unable to send the request: the connection is a WebSocket in %s on line %d
bool(false)
Swoole\WebSocket\Frame 1 "right behind the 101" [true,1]
Swoole\WebSocket\Frame 1 "hello" [true,1]
Swoole\WebSocket\Frame 2 "\u0000\ufffd" [true,1]
bool(true)
Swoole\WebSocket\Frame 1 "from an object" [true,1]
Swoole\WebSocket\Frame 10 "?" [true,1]
Swoole\WebSocket\Frame 1 "in parts" [true,1]
closed (0)
bool(true)
bool(false)
GET /chat?room=1 HTTP/1.1
Host: 127.0.0.1
Connection: Upgrade
Upgrade: websocket
Sec-WebSocket-Version: 13
Sec-WebSocket-Key: ...
Accept-Encoding: gzip
Origin: http://a.example

"1 hello"
"2 \u0000\ufffd"
"1 from an object"
"1 in  ..."
"9 ?"
"0 parts"
"8 \u0003\ufffd"
