--TEST--
Each failure of a request is told once, then the end of the connection
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$full = full_backlog_listener();
$peers = [
    'refused' => ['127.0.0.1', refusing_port()],
    'no such name' => ['no-such-name.invalid', 80],
    'connect timeout' => ['127.0.0.1', $full->port],
    'silent' => ['127.0.0.1', ($p[] = silent_peer())->where],
    'closes' => ['127.0.0.1', ($p[] = closing_peer(1))->where],
    'resets' => ['127.0.0.1', ($p[] = reset_peer(1))->where],
    'malformed' => ['127.0.0.1', ($p[] = answering_peer("nonsense\r\n\r\n"))->where],
    'cut short' => ['127.0.0.1', ($p[] = peer(['answer' => "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 'after' => 1]))->where],
    'until the end' => ['127.0.0.1', ($p[] = peer(['answer' => "HTTP/1.1 200 OK\r\n\r\nall of it", 'after' => 1]))->where],
];
$told = $gone = [];
foreach ($peers as $name => [$host, $port]) {
    $client = new Swoole\Http\Client($host, $port);
    $client->set(['timeout' => str_contains($name, 'name') ? 5 : 0.2 * patience()]);
    $tell = fn ($what) => function ($client) use ($what, $name) {
        $GLOBALS['told'][$name][] = "$what $client->statusCode/$client->errCode" . ($client->isConnected() ? ' open' : '')
            . ($client->body === '' ? '' : " $client->body");
    };
    $client->on('error', $tell('error'));
    $client->on('close', $tell('close'));
    $client->get('/', $tell('response'));
    $gone[$name] = WeakReference::create($client);
}
unset($client, $tell);
after_loop(function () use (&$told, &$gone, $peers) {
    foreach ($peers as $name => $_) {
        echo "$name: ", implode(', ', $told[$name] ?? []), "\n";
    }
    all_gone(...$gone);
});
?>
--EXPECT--
refused: response -1/111, error -1/111
no such name: response -1/704, error -1/704
connect timeout: response -1/110, error -1/110
silent: response -2/110 open, close -2/110
closes: response -3/104, close -3/104
resets: response -3/104, close -3/104
malformed: response -3/104 open, close -3/104
cut short: response -3/104, close -3/104
until the end: response 200/0 all of it, close 200/0 all of it
no tether is left
