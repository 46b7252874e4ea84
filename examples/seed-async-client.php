<?php
/**
 * An async client is kept by the engine from connect() until its connection has ended.
 *
 *     php -d extension=... examples/echo-server.php &
 *     php -d extension=... examples/seed-async-client.php [host, default 127.0.0.1] [port, default 9501]
 */
$host = $argv[1] ?? '127.0.0.1';
$port = (int) ($argv[2] ?? 9501);

function test(string $host, int $port): WeakReference
{
    $client = new swoole_client(SWOOLE_TCP | SWOOLE_ASYNC);
    $client->on('connect', function ($cli) {
        $cli->send("hello world\n");
    });
    $client->on('receive', function ($cli, $data) {
        echo 'Received: ' . $data;
        $cli->close();
    });
    $client->on('error', function ($cli) {
        echo "Connect failed\n";
    });
    $client->on('close', function ($cli) {
        echo "Connection close\n";
    });
    $client->connect($host, $port);

    // $client is a local variable, and the engine holds it too: that is its tether.
    return WeakReference::create($client);
}

$client = test($host, $port);
echo 'After the return: ', $client->get() === null ? 'gone' : 'alive', "\n", Tether\Ledger::tree(), "\n";

Swoole\Event::wait();

echo 'After the end: ', $client->get() === null ? 'gone' : 'alive', ', ', Tether\Ledger::count(), " tethers\n";
