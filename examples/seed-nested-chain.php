<?php
/**
 * A chain: each request waits for an HTTP server, then for Redis. `./dev demo` runs this program.
 *
 *     php -d extension=... examples/seed-nested-chain.php
 *
 * Environment: PORT (default 9502; 0: a free one), BACKEND (default 127.0.0.1:80),
 * REDIS (default 127.0.0.1:6379). Besides the chain it answers `/ledger` (what the engine holds
 * now) and `/memory`.
 */
[$host, $backendPort] = explode(':', getenv('BACKEND') ?: '127.0.0.1:80') + [1 => '80'];
[$redisHost, $redisPort] = explode(':', getenv('REDIS') ?: '127.0.0.1:6379') + [1 => '6379'];
$port = (int) (getenv('PORT') === false ? 9502 : getenv('PORT'));

$serv = new Swoole\Http\Server('127.0.0.1', $port);
$serv->set(['worker_num' => 1]);

$serv->on('WorkerStart', function ($serv) {
    echo "listening on http://127.0.0.1:{$serv->port}/\n";
});

$serv->on('Request', function ($request, $response) use ($host, $backendPort, $redisHost, $redisPort) {
    switch ($request->server['request_uri']) {
        case '/ledger':
            $response->end(Tether\Ledger::tree() . "\n");
            return;
        case '/memory':
            gc_collect_cycles();
            $response->end(memory_get_usage() . "\n");
            return;
    }

    $query = $request->server['query_string'] ?? '';
    $cli = new Swoole\Http\Client($host, (int) $backendPort);
    $cli->set(['timeout' => 5]);
    // Here the engine takes its reference on $cli, and holds it until its connection has ended.
    $cli->post("/dump.php?$query", ['key' => 'value'], function ($cli) use ($request, $response, $redisHost, $redisPort) {
        if ($cli->statusCode < 0) {
            $response->status(502);
            $response->end("the backend failed: {$cli->statusCode}\n");
            $cli->close();
            return;
        }
        $redis = new Swoole\Redis();
        // And here the one on $redis.
        $redis->connect($redisHost, (int) $redisPort, function ($redis, $result) use ($request, $response, $cli) {
            if ($result === false) {
                $response->status(502);
                $response->end("Redis failed: {$redis->errMsg}\n");
                $cli->close();
                return;
            }
            $redis->get('test_key', function ($redis, $result) use ($request, $response, $cli) {
                $response->end("<h1>{$result}</h1>\n");
                // With this callback's return both references go, and with them all of the chain.
                $cli->close();
                $redis->close();
            });
        });
    });
});

$serv->start();
