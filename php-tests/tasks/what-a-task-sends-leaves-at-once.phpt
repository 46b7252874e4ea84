--TEST--
What a task sends to a connection or to a worker leaves at once, however long the task goes on
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$program = <<<'PHP'
    $serv->on('receive', fn ($serv, $fd, $reactor, $data) => $serv->task($fd));
    $serv->on('task', function ($serv, $id, $from, $fd) {
        $serv->send($fd, 'half of it;');
        $serv->sendMessage("task $id goes on", $from);
        listen();
        $serv->send($fd, 'the rest;');
        return true;
    });
    $serv->on('finish', fn ($serv, $id, $data) => tell('finished'));
    $serv->on('pipeMessage', fn ($serv, $from, $data) => tell($data));
PHP;
foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    putenv("TETHER_SERVER_MODE=$mode");
    [$server, $port] = start_server($program, ['task_worker_num' => 1], 'Server');
    write_all($stream = dial($port), 'x');
    echo "$mode: ", read_until($stream, ';'), ' ', $server->hear(), ' ';
    $server->say(true);
    echo read_until($stream, ';'), ' ', $server->hear(), ' ', stop($server), "\n";
}
?>
--EXPECT--
SWOOLE_BASE: half of it; task 0 goes on the rest; finished 0
SWOOLE_PROCESS: half of it; task 0 goes on the rest; finished 0
