--TEST--
send, sendfile, pause, resume and close reach a connection that another worker has, from event and task workers
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

file_put_contents($file = temp_path('.txt'), '0123456789');
[$server, $port] = start_server(<<<'PHP'
    $act = function ($serv, array $command) use ($file) {
        [$what, $fd] = $command;
        return match ($what) {
            'send' => $serv->send($fd, $command[2]),
            'big' => $serv->send($fd, str_repeat('b', 1000000)),
            'file' => $serv->sendfile($fd, $file, 2, 5),
            'pause' => $serv->pause($fd),
            'resume' => $serv->resume($fd),
            'close' => $serv->close($fd),
        } ?: $serv->getLastError();
    };
    $serv->on('receive', function ($serv, $fd, $reactor, $data) use ($act) {
        $command = json_decode($data, true);
        if ($command === null) {
            tell(["received by {$serv->worker_id}", $fd, $data]);
            return $data === 'who' && $serv->send($fd, "$fd {$serv->worker_id}\n");
        }
        if ($command[0] === 'task') {
            return $serv->task($command[1]);
        }
        tell([$command[0], $act($serv, $command)]);
    });
    $serv->on('task', function ($serv, $id, $from, $command) use ($act) {
        tell(['in task', $command[0], $act($serv, $command)]);
    });
    $serv->on('finish', fn () => 1);
    $serv->on('close', fn ($serv, $fd, $reactor) => tell(['close', $fd, $reactor, $serv->worker_id]));
PHP, ['worker_num' => 2, 'task_worker_num' => 1], 'Server', ['file' => $file]);
// One connection in each worker; the kernel says where each goes.
$by = [];
for ($i = 0; $i < 200 && count($by) < 2; $i++) {
    write_all($stream = dial($port), 'who');
    [$fd, $worker] = explode(' ', trim(read_until($stream, "\n")));
    $server->hear();
    if (isset($by[$worker])) {
        fclose($stream);
        $server->hear();
    } else {
        $by[$worker] = [$stream, (int) $fd];
    }
}
[[$here], [$there, $fd]] = [$by[0], $by[1]];
// Two workers tell of one thing in either order.
$show = function (int $count = 1) use ($server, &$fd) {
    $said = [];
    for (; $count > 0; $count--) {
        $word = $server->hear();
        if (is_int($word[1] ?? null) && count($word) > 2) {
            $word[1] = $word[1] === $fd ? 'FD' : 'another';
        }
        $said[] = json_encode($word);
    }
    sort($said);
    echo implode("\n", $said), "\n";
};
$ask = fn (...$command) => write_all($here, json_encode($command));
$ask('send', $fd, 'hello');
$show();
echo read_until($there, 5), "\n";
$ask('big', $fd);
$show();
var_dump(strlen(read_until($there, 1000000)));
$ask('file', $fd);
$show();
echo read_until($there, 5), "\n";
$ask('pause', $fd);
$show();
// What follows in order behind the pause is proof that the pause has arrived.
$ask('send', $fd, 'paused');
$show();
read_until($there, 6);
write_all($there, 'later');
$ask('send', $fd, '.');
$show();
read_until($there, 1);
$ask('resume', $fd);
$show(2);
$ask('send', 9999, 'x');
$show();
$ask('task', ['send', $fd, 'from the task']);
$show();
echo read_until($there, 13), "\n";
$ask('task', ['send', 9999, 'x']);
$show();
$ask('close', $fd);
$show(2);
var_dump(read_until($there));
wait_for(function () use ($ask, $fd, $server) {
    $ask('send', $fd, 'x');
    return $server->hear()[1] === 1005;
});
echo "gone\n";
$fd = $by[0][1];
$ask('task', ['close', $fd]);
$show(2);
var_dump(read_until($here), stop($server));
?>
--EXPECT--
["send",true]
hello
["big",true]
int(1000000)
["file",true]
23456
["pause",true]
["send",true]
["send",true]
["received by 1","FD","later"]
["resume",true]
["send",1005]
["in task","send",true]
from the task
["in task","send",1005]
["close","FD",-1,1]
["close",true]
string(0) ""
gone
["close","FD",-1,0]
["in task","close",true]
string(0) ""
int(0)
