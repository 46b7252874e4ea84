--TEST--
A server that does not prove a WebSocket is refused with 8504; one that refuses answers as any other
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

$client = new Swoole\Http\Client('127.0.0.1');
var_dump($client->upgrade('/', fn () => null), $client->push('x'), $client->errCode, $client->errMsg);
$told = [];
$try = function (string $name, Peer $peer, array $headers = []) use (&$told): void {
    $client = new Swoole\Http\Client('127.0.0.1', $peer->where);
    $client->setHeaders($headers);
    $client->on('message', function () use ($name, &$told) { $told[$name][] = 'a message'; });
    $client->on('close', function ($client) use ($name, &$told) { $told[$name][] = "close $client->errCode"; });
    $client->upgrade('/', function ($client) use ($name, &$told) {
        $told[$name][] = "$client->statusCode/$client->errCode" . ($client->body === '' ? '' : " $client->body");
        $told[$name][] = @$client->push('x') ? 'pushed' : $client->errCode;
        @$client->close();
    });
};
$answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
$try('the wrong proof', $p[] = websocket_peer(['accept' => base64_encode(str_repeat('x', 20)), 'hello' => websocket_frame(1, 'x')]));
$try('no proof', $p[] = websocket_peer(['head' => "$answer\r\n"]));
$try('another protocol', $p[] = answering_peer("HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"));
$try('a refusal', $p[] = answering_peer("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"));
$try('an end', $p[] = closing_peer(1));
$try('consent', $p[] = websocket_peer(), ['Sec-WebSocket-Protocol' => 'chat']);
Swoole\Event::wait();
ksort($told);
foreach ($told as $name => $lines) {
    echo "$name: ", implode(', ', $lines), "\n";
}
ledger_empty();
?>
--EXPECTF--
Warning: Swoole\Http\Client::upgrade(): Event callback 'message' is missing: register it with on() in %s on line %d

Warning: Swoole\Http\Client::push(): Unable to push the frame: not connected in %s on line %d
bool(false)
bool(false)
int(8503)
string(30) "the WebSocket is not connected"
a refusal: 403/0 no, 8504, close 8504
an end: -3/104, 8503, close 8503
another protocol: -3/8504, 8503, close 8503
consent: 101/0, pushed, close 0
no proof: -3/8504, 8503, close 8503
the wrong proof: -3/8504, 8503, close 8503
