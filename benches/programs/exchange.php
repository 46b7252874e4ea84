<?php // COUNT exchanges of a worker, one after the other, MODE by MODE: with a task worker, or (`message`) with the other worker. Prints the microseconds of one; the worker's id goes to a file.
[, $mode, $count, $file] = $argv;
$left = $count = (int) $count;
$server = new Swoole\Server('127.0.0.1', 0, SWOOLE_PROCESS);
$server->set(($mode === 'message' ? ['worker_num' => 2] : ['worker_num' => 1, 'task_worker_num' => 1]) + ['log_level' => SWOOLE_LOG_ERROR]);
$next = function () use ($server, $mode, $count, &$left, &$start) {
    if ($left-- > 0) {
        $mode === 'message' ? $server->sendMessage('ping', 1) : $server->task('ping');
        return;
    }
    printf("%.2f\n", (hrtime(true) - $start) / 1e3 / $count);
    $server->shutdown();
};
$server->on('receive', fn () => null);
$server->on('task', fn ($server, $id, $from, $data) => $data);
$server->on('finish', $next);
$server->on('pipeMessage', fn ($server, $from, $data) => $server->worker_id === 0 ? $next() : $server->sendMessage($data, $from));
$server->on('workerStart', function ($server, $id) use ($mode, $file, $next, &$left, &$start) {
    if ($id !== 0) {
        return;
    }
    file_put_contents($file, getmypid());
    $start = hrtime(true);
    if ($mode === 'taskwait') {
        for (; $left > 0; $left--) {
            $server->taskwait('ping', 10);
        }
    }
    $next();
});
$server->start();
