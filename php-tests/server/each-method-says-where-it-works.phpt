--TEST--
Each method says where it works: in the master, the manager, event and task workers, and processes of one's own
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

$program = <<<'PHP'
    foreach (['receive', 'task', 'finish', 'pipeMessage'] as $event) {
        $serv->on($event, fn () => null);
    }
    $try = function (string $where) use ($serv, $fd) {
        set_error_handler(function ($n, $text) use (&$why) { $why = $text; });
        $calls = [
            'send' => [9, 'x'], 'sendfile' => [9, $fd], 'sendwait' => [9, 'x'], 'close' => [9], 'pause' => [9], 'resume' => [9],
            'protect' => [9], 'bind' => [9, 1], 'exist' => [9], 'getClientInfo' => [9], 'getClientList' => [], 'heartbeat' => [true],
            'task' => ['x'], 'taskwait' => ['x', 5], 'taskWaitMulti' => [['x'], 5], 'finish' => ['x'], 'sendMessage' => ['x', 0],
            'set' => [['worker_num' => 1]], 'on' => ['receive', 'strlen'], 'listen' => ['127.0.0.1', 0, SWOOLE_SOCK_TCP],
            'addProcess' => [new Swoole\Process('strlen')], 'start' => [],
        ];
        $said = [];
        foreach ($calls as $method => $args) {
            $why = null;
            $result = $serv->$method(...$args);
            $said[$method] = json_encode($result) . ($why === null ? '' : " $why");
        }
        $said['stats'] = (string) isset($serv->stats()['start_time']);
        tell([$where, $said]);
    };
    $serv->addProcess(new Swoole\Process(function () use ($try) {
        $try('process');
        // It would be started again.
        Swoole\Timer::after(3600000, fn () => null);
    }));
    $serv->on('start', function ($serv) use ($try) { tell(['listens on', $serv->port]); $try('onStart'); });
    $serv->on('managerstart', fn () => $try('onManagerStart'));
    $serv->on('workerstart', fn ($serv) => $try($serv->taskworker ? 'task worker' : 'worker'));
PHP;
foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    putenv("TETHER_SERVER_MODE=$mode");
    [$server] = start_server($program, ['task_worker_num' => 1, 'heartbeat_idle_time' => 1000], 'Server', ['fd' => __FILE__]);
    $heard = [];
    while (count($heard) < 5) {
        [$where, $said] = $server->hear();
        $heard[$where] = $said;
    }
    ksort($heard);
    foreach (current($heard) as $method => $_) {
        $by = [];
        foreach ($heard as $where => $said) {
            $by[str_replace("Swoole\\Server::$method(): ", '', $said[$method])][] = $where;
        }
        foreach ($by as $result => $places) {
            $lines[$mode][] = "$method: $result" . (count($by) > 1 ? ' (' . implode(', ', $places) . ')' : '');
        }
    }
    $lines[$mode][] = 'exit code ' . stop($server);
}
echo implode("\n", $lines['SWOOLE_BASE']), "\n\nwith I/O threads\n", implode("\n", array_diff($lines['SWOOLE_PROCESS'], $lines['SWOOLE_BASE'])), "\n";
?>
--EXPECT--
send: false Connections can be used in a running worker only (onManagerStart, onStart)
send: false (process, task worker, worker)
sendfile: false Connections can be used in a running worker only (onManagerStart, onStart)
sendfile: false (process, task worker, worker)
sendwait: false Connections can be used in a running worker only (onManagerStart, onStart)
sendwait: false sendwait() needs the event worker that has the connection (process, task worker)
sendwait: false (worker)
close: false Connections can be used in a running worker only (onManagerStart, onStart)
close: false (process, task worker, worker)
pause: false Connections can be used in a running worker only (onManagerStart, onStart)
pause: false (process, task worker, worker)
resume: false Connections can be used in a running worker only (onManagerStart, onStart)
resume: false (process, task worker, worker)
protect: false
bind: false
exist: false
getClientInfo: false
getClientList: []
heartbeat: false Connections can be used in a running worker only (onManagerStart, onStart)
heartbeat: [] (process, task worker, worker)
task: false task() works in the server's workers only (onManagerStart, onStart)
task: 0 (process, task worker, worker)
taskwait: false taskwait() works in the server's workers only (onManagerStart, onStart)
taskwait: false (process, worker)
taskwait: false taskwait() waits for task workers: it does not work in one (task worker)
taskWaitMulti: false taskWaitMulti() works in the server's workers only (onManagerStart, onStart)
taskWaitMulti: [] (process, worker)
taskWaitMulti: false taskWaitMulti() waits for task workers: it does not work in one (task worker)
finish: false finish() answers a task: it is for task workers (onManagerStart, onStart, process, worker)
finish: false finish() found no task that waits for an answer (task worker)
sendMessage: false sendMessage() works in the server's workers only (onManagerStart, onStart)
sendMessage: true (process, task worker)
sendMessage: false A worker cannot send a message to itself (worker)
set: false The server is running: set() must come before start()
on: false The server is running: on() must come before start()
listen: false The server is running: listen() must come before start()
addProcess: false The server is running: addProcess() must come before start()
start: false The server was started before: a server object starts once
stats: 1
exit code 0

with I/O threads
sendwait: false sendwait() needs SWOOLE_BASE: the I/O threads have the sockets (process, task worker, worker)
