--TEST--
Swoole\Http\Client: a request over socket_buffer_size and a body over its cap are errors, not memory
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

ini_set('memory_limit', '512M');
$endless = "HTTP/1.1 200 OK\r\nContent-Length: 68719476736\r\n\r\n";
$peer = peer(['answer' => $endless]);
$client = new Swoole\Http\Client('127.0.0.1', $peer->where);
$client->set(['socket_buffer_size' => 100000]);
var_dump($client->post('/', str_repeat('x', 100001), fn () => null), $client->errCode, $client->isConnected());
$client->on('close', function ($client) { echo "closed $client->errCode $client->errMsg\n"; });
var_dump($client->post('/', str_repeat('x', 100000), function ($client) {
    echo "$client->statusCode/$client->errCode ", json_encode($client->body), "\n";
}));
Swoole\Event::wait();

// 64 MiB is the cap unless package_max_length is more.
$body = str_repeat('x', (64 << 20) + 1);
foreach ([[], ['package_max_length' => 65 << 20]] as $set) {
    $server = run_php(<<<'PHP'
    <?php
    $listener = stream_socket_server('tcp://127.0.0.1:0');
    tell((int) substr(strrchr(stream_socket_get_name($listener, false), ':'), 1));
    $stream = stream_socket_accept($listener, 3600);
    fread($stream, 65536);
    // Its end is the body's end: nothing announces the length.
    fwrite($stream, "HTTP/1.1 200 OK\r\n\r\n");
    for ($piece = str_repeat('x', 65536); $length > 0; $length -= strlen($piece)) {
        if (@fwrite($stream, substr($piece, 0, $length)) === false) {
            break;
        }
    }
    PHP, ['length' => strlen($body)]);
    $client = new Swoole\Http\Client('127.0.0.1', $server->hear());
    $client->set(['timeout' => 30 * patience()] + $set);
    $client->get('/', function ($client) use ($body) {
        echo "$client->statusCode/$client->errCode ", $client->body === $body ? 'whole' : strlen($client->body), "\n";
    });
    Swoole\Event::wait();
    unset($server);
}
all_gone();
?>
--EXPECTF--
Warning: Swoole\Http\Client::post(): Unable to send the request: the request is larger than the output buffer in %s on line %d
bool(false)
int(1008)
bool(false)
bool(true)
-3/1201 ""
closed 1201 the package is too large
-3/1201 0
200/0 whole
no tether is left
