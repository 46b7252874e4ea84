<?php // request -> POST by a kept Http\Client -> GET by a kept Redis -> answer.
[, $port, $pidFile, $httpPort, $redisPort] = $argv;
$pool = ['http' => [], 'redis' => []];
$server = new Swoole\Http\Server('127.0.0.1', (int) $port);
$server->set(['worker_num' => 1]);
$server->on('workerStart', function () use ($pidFile) {
    file_put_contents($pidFile, getmypid());
});

function with_redis(callable $use): void
{
    global $pool, $redisPort;
    if ($redis = array_pop($pool['redis'])) {
        $use($redis);
        return;
    }
    $redis = new Swoole\Redis();
    $redis->on('close', function () {
    });
    $redis->connect('127.0.0.1', (int) $redisPort, function ($redis, $connected) use ($use) {
        $use($redis);
    });
}

$server->on('request', function ($request, $response) {
    global $pool, $httpPort;
    $cli = array_pop($pool['http']);
    if (!$cli) {
        $cli = new Swoole\Http\Client('127.0.0.1', (int) $httpPort);
        $cli->set(['keep_alive' => true]);
    }
    $cli->post('/dump.php', ['key' => 'value'], function ($cli) use ($response) {
        global $pool;
        $body = $cli->body;
        $pool['http'][] = $cli;
        with_redis(function ($redis) use ($response, $body) {
            $redis->get('key', function ($redis, $result) use ($response, $body) {
                global $pool;
                $pool['redis'][] = $redis;
                $response->end($body . $result . "\n");
            });
        });
    });
});
$server->start();
