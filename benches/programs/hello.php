<?php // One answer to everything.
$server = new Swoole\Http\Server('127.0.0.1', (int) $argv[1], constant(getenv('TETHER_BENCH_MODE') ?: 'SWOOLE_BASE'));
$server->set(['worker_num' => 1, 'max_conn' => 20000]);
$server->on('workerStart', function () use ($argv) {
    file_put_contents($argv[2], getmypid());
});
$server->on('request', function ($request, $response) {
    $response->end("Hello World\n");
});
$server->start();
