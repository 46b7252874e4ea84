--TEST--
With I/O threads onStart and onShutdown run in the master, the manager's events in its child, the workers' in the manager's children
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$server = run_php(<<<'PHP'
<?php
$serv = new Swoole\Server('127.0.0.1', 0, SWOOLE_PROCESS);
$serv->set(['worker_num' => 1, 'log_file' => '/dev/null']);
$say = function (string $event, ...$more) use ($serv) {
    $here = array_search(getmypid(), ['worker' => $serv->worker_pid, 'manager' => $serv->manager_pid, 'master' => $serv->master_pid]);
    tell(trim("$here $event " . implode(' ', $more)));
};
foreach (['start', 'shutdown', 'managerStart', 'managerStop', 'workerStart', 'workerStop', 'workerError'] as $event) {
    $serv->on($event, function ($s) use ($say, $event, $serv) {
        $say($event, $s === $serv ? '' : 'of another', $event === 'start' ? $serv->port : '');
    });
}
$serv->on('connect', fn ($s, ...$more) => $say('connect', ...$more));
$serv->on('receive', function ($s, $fd, $reactor, $data) use ($say) {
    $say('receive', $fd, $reactor, $data);
    $s->send($fd, $data);
});
$serv->on('close', fn ($s, ...$more) => $say('close', ...$more));
register_shutdown_function(fn () => $say('shutdown function'));
$result = $serv->start();
$say('after start', json_encode($result), $serv->mode === SWOOLE_PROCESS ? 'process' : '');
PHP);
$first = [$server->hear(), $server->hear(), $server->hear()];
sort($first);
$port = (int) substr(strrchr($first[1], ' '), 1);
echo implode("\n", str_replace($port, 'PORT', $first)), "\n";
foreach ([1, 2] as $n) {
    $stream = dial($port);
    raw_request($stream, "hello $n", "hello $n");
    echo $server->hear(), "\n", $server->hear(), "\n";
    fclose($stream);
    echo $server->hear(), "\n";
}
$server->signal(15);
echo implode("\n", hear_to_the_end($server)), "\n";
?>
--EXPECT--
manager managerStart
master start  PORT
worker workerStart
worker connect 1 0
worker receive 1 0 hello 1
worker close 1 0
worker connect 2 0
worker receive 2 0 hello 2
worker close 2 0
worker workerStop
worker shutdown function
manager managerStop
manager shutdown function
master shutdown
master after start true process
master shutdown function
0
