<?php
/**
 * A pool of two workers that turns what it is sent into capitals. It asks itself once, and ends.
 *
 *     php -d extension=tether examples/pool.php
 */

$socket = sys_get_temp_dir() . '/tether-pool-' . getmypid() . '.sock';
$pool = new Swoole\Process\Pool(2, SWOOLE_IPC_SOCKET);
$pool->listen("unix:$socket");

$pool->on('WorkerStart', function (Swoole\Process\Pool $pool, int $worker_id) use ($socket) {
    if ($worker_id > 0) {
        return;
    }
    // The first worker is the client too: another process asks, so that this one can answer.
    $client = new Swoole\Process(function () use ($pool, $socket) {
        $connection = stream_socket_client("unix://$socket");
        fwrite($connection, pack('N', 5) . 'hello');
        echo substr(stream_get_contents($connection), 4), "\n";
        $pool->shutdown();
    });
    $client->start();
});
$pool->on('Message', function (Swoole\Process\Pool $pool, string $data) {
    $pool->write(strtoupper($data));
});
$pool->start();
echo "the pool has ended\n";
