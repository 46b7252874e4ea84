<?php // Sends back what it receives.
$server = new Swoole\Server('127.0.0.1', (int) $argv[1], constant(getenv('TETHER_BENCH_MODE') ?: 'SWOOLE_BASE'));
$server->set(['worker_num' => 1, 'max_conn' => 20000]);
$server->on('workerStart', function () use ($argv) {
    file_put_contents($argv[2], getmypid());
});
$server->on('receive', function ($server, $fd, $reactorId, $data) {
    $server->send($fd, $data);
});
$server->start();
