--TEST--
A process that onStart, onManagerStart or onWorkerError makes does not go on as a master: it forks no workers, and the server goes on
--EXTENSIONS--
tether
--SKIPIF--
<?php if (!function_exists('pcntl_fork')) die('skip pcntl is not built in'); ?>
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

foreach (['start', 'managerstart', 'workererror'] as $event) {
    foreach (['pcntl_fork()', 'Swoole\Process'] as $how) {
        $server = run_server(<<<'PHP'
        <?php
        $serv = new Swoole\Http\Server('127.0.0.1', 0);
        $serv->set(['worker_num' => 1, 'log_file' => '/dev/null']);
        $serv->on($event, static function () use ($how) {
            static $made = false;
            if ($made) {
                return;
            }
            $made = true;
            if ($how === 'pcntl_fork()') {
                $pid = pcntl_fork();
                if ($pid === 0) {
                    return;
                }
                pcntl_waitpid($pid, $status);
                return;
            }
            (new Swoole\Process(static fn () => 1))->start();
            Swoole\Process::wait();
        });
        $serv->on('workerstart', static function ($serv) {
            ready();
            tell($serv->port);
        });
        $serv->on('request', static function ($request, $response) {
            $response->end('fine');
            if ($request->server['path_info'] === '/die') {
                exit(3);
            }
        });
        $serv->start();
        PHP, ['event' => $event, 'how' => $how]);
        $port = $server->hear();
        http_get($port, '/die');
        $next = [$server->hear(), $server->hear()];
        echo "$event, $how: ", $next === ['ready', $port] ? http_get($port, '/')['body'] : json_encode($next), ', exit code ', stop($server);
        // Nobody else has started a worker or said anything.
        echo $server->hear(0) === null ? '' : ', more workers', $server->output(), $server->errors(), "\n";
    }
}
?>
--EXPECT--
start, pcntl_fork(): fine, exit code 0
start, Swoole\Process: fine, exit code 0
managerstart, pcntl_fork(): fine, exit code 0
managerstart, Swoole\Process: fine, exit code 0
workererror, pcntl_fork(): fine, exit code 0
workererror, Swoole\Process: fine, exit code 0
