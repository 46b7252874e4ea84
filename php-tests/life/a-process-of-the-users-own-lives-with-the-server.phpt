--TEST--
addProcess(): the process starts with the server, asks for tasks and sends messages, is replaced when it ends, and ends with SIGTERM at shutdown
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

[$server, , $log] = start_server(<<<'PHP'
    $serv->on('receive', fn () => null);
    $serv->on('task', fn ($s, $id, $from, $data) => [$data, $from]);
    $serv->on('pipemessage', fn ($s, $from, $message) => tell(['message', $s->worker_id, $from, $message]));
    $serv->on('workererror', fn ($s, ...$args) => tell(['error', $args]));
    $serv->on('workerstop', fn ($s, $id) => tell(['stop', $id]));
    $process = new Swoole\Process(function ($process) use ($serv) {
        tell(['process', $serv->worker_id, $process->pid === getmypid(), getmypid() === $serv->worker_pid]);
        tell($serv->taskwait('a task', 10));
        $serv->sendMessage(['pid' => 1], 0);
        if (!file_exists($GLOBALS['mark'])) {
            touch($GLOBALS['mark']);
            Swoole\Timer::after(1200, fn () => tell('the loop of the process has run'));
            return;
        }
        // Blocks for ever: only a signal ends it.
        while (true) {
            sleep(100);
        }
    });
    $added = [$serv->addProcess($process), @$serv->addProcess($process)];
    $serv->on('workerstart', fn ($s, $id) => $id === 0 && tell($added));
PHP, ['task_worker_num' => 1], 'Server', ['mark' => temp_path()]);
$heard = [];
while (count($heard) < 8) {
    $heard[] = json_encode($server->hear());
}
sort($heard);
echo implode("\n", $heard), "\n";
$children = children($server->pid, 3);
$server->signal(15);
echo implode("\n", array_map('json_encode', hear_to_the_end($server))), "\n";
var_dump(array_filter($children, 'is_alive'));
?>
--EXPECT--
"the loop of the process has run"
["a task",2]
["a task",2]
["message",0,2,{"pid":1}]
["message",0,2,{"pid":1}]
["process",2,true,true]
["process",2,true,true]
[0,false]
["stop",0]
["stop",1]
["returned",true]
0
array(0) {
}
