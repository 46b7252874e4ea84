<?php
/**
 * A WebSocket client: says something, prints what comes back, and closes in good order.
 *
 *   php websocket-client.php 127.0.0.1 8080 /echo
 */
[, $host, $port, $path] = $argv + [1 => '127.0.0.1', 8080, '/'];

$client = new Swoole\Http\Client($host, (int) $port);
$client->on('message', function ($client, $frame) {
    if ($frame instanceof Swoole\WebSocket\CloseFrame) {
        echo "the server closes: $frame->code\n";
        return;
    }
    // Pings come too; they are answered already.
    if ($frame->opcode === WEBSOCKET_OPCODE_TEXT) {
        echo "the server says: $frame->data\n";
        $client->push('that was all', WEBSOCKET_OPCODE_CLOSE);
    }
});
$client->on('close', function ($client) {
    echo "closed\n";
});
$client->upgrade($path, function ($client) {
    if ($client->statusCode !== 101) {
        echo "no WebSocket: $client->statusCode $client->errMsg\n";
        return;
    }
    $client->push('hello');
});
