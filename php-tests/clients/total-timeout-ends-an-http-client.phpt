--TEST--
total_timeout ends an HTTP client's connection whatever it is at: connecting, waiting, receiving, idle, a WebSocket
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$drip = run_php(<<<'PHP'
<?php
$listener = stream_socket_server('tcp://127.0.0.1:0');
tell((int) substr(strrchr(stream_socket_get_name($listener, false), ':'), 1));
while ($stream = stream_socket_accept($listener, 60)) {
    fread($stream, 10000);
    fwrite($stream, "HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n");
    while (@fwrite($stream, 'x')) {
        usleep(1000);
    }
}
PHP);
$rows = [
    'connecting' => 0,
    'waiting' => ($peers[] = silent_peer())->where,
    'receiving' => $dripping = $drip->hear(),
    'downloading' => $dripping,
    'idle' => ($peers[] = answering_peer(response('hello')))->where,
    'WebSocket' => ($peers[] = websocket_peer(['quiet' => true]))->where,
];
$full = full_backlog_listener();
$rows['connecting'] = $full->port;
$gone = $told = [];
$since = microtime(true);
foreach ($rows as $name => $port) {
    $client = new Swoole\Http\Client('127.0.0.1', $port);
    $client->set(['timeout' => 60, 'total_timeout' => 0.3]);
    $client->on('message', fn () => null);
    foreach (['error', 'close'] as $event) {
        $client->on($event, function ($client) use ($event, $name, &$told) {
            $told[$name][] = "$event $client->statusCode/$client->errCode $client->errMsg";
        });
    }
    $response = function ($client) use ($name, &$told) {
        $told[$name][] = "response $client->statusCode/$client->errCode " . strlen($client->body);
    };
    match ($name) {
        'WebSocket' => $client->upgrade('/', $response),
        'downloading' => $client->download('/', temp_path(), $response),
        default => $client->get('/', $response),
    };
    $gone[$name] = WeakReference::create($client);
    unset($client);
}
Swoole\Event::wait();
$took = microtime(true) - $since;
foreach ($rows as $name => $_) {
    echo "$name: ", implode(', ', $told[$name]), "\n";
}
echo $took > 0.25 && $took < 5 * patience() ? "in time\n" : "after $took s\n";
all_gone(...$gone);
?>
--EXPECT--
connecting: response -1/110 0, error -1/110 Connection timed out
waiting: response -2/110 0, close -2/110 Connection timed out
receiving: response -2/110 0, close -2/110 Connection timed out
downloading: response -2/110 0, close -2/110 Connection timed out
idle: response 200/0 5, close 200/110 Connection timed out
WebSocket: response 101/0 0, close 101/110 Connection timed out
in time
no tether is left
