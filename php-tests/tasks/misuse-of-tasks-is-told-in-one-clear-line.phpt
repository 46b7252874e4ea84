--TEST--
Misuse of tasks and messages is told in one clear line
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

[$server] = start_server(<<<'PHP'
    $early = [];
    set_error_handler(function ($n, $text) use (&$early) { $early[] = $text; });
    $serv->on('receive', fn () => null);
    $serv->on('task', function ($s, $id, $from, $data) {
        if ($data !== 'go') {
            return;
        }
        tell($s->taskwait('x'));
        tell($s->finish(1));
        tell($s->finish(2));
    });
    $serv->on('workerstart', function ($s) use (&$early) {
        set_error_handler(fn ($n, $text) => tell($text) || true);
        if ($s->taskworker) {
            return;
        }
        tell($early);
        tell([$s->task('x', 1), $s->taskwait('x', 1, 7), $s->finish(1), $s->sendMessage('x', 0)]);
        try {
            $s->task(fn () => 1);
        } catch (Exception $e) {
            tell($e->getMessage());
        }
        tell($s->taskWaitMulti(array_fill(0, 1024, 1)));
        tell($s->taskwait('go', 10));
        $s->shutdown();
    });
    $early[] = [$serv->task('early'), $serv->taskwait('early'), $serv->sendMessage('early', 0)];
    set_error_handler(fn ($n, $text) => tell($text) || true);
PHP, ['task_worker_num' => 1, 'task_ipc_mode' => 3, 'task_tmpdir' => '/tmp', 'message_queue_key' => 7], 'Server');
$heard = array_map('json_encode', hear_to_the_end($server));
$tail = array_splice($heard, 9);
sort($tail);
echo implode("\n", [...$heard, '', ...$tail]), "\n";
?>
--EXPECT--
["Swoole\\Server::task(): The server is not running","Swoole\\Server::taskwait(): The server is not running","Swoole\\Server::sendMessage(): The server is not running",[false,false,false]]
"Swoole\\Server::task(): There is no task worker 1: there are 1, counted from 0"
"Swoole\\Server::taskwait(): There is no task worker 7: there are 1, counted from 0"
"Swoole\\Server::finish(): finish() answers a task: it is for task workers"
"Swoole\\Server::sendMessage(): Event callback 'pipeMessage' is missing: the message would reach nobody"
[false,false,false,false]
"Serialization of 'Closure' is not allowed"
"Swoole\\Server::taskWaitMulti(): taskWaitMulti() takes less than 1024 tasks at once"
false

"Swoole\\Server::finish(): The task was answered before"
"Swoole\\Server::taskwait(): taskwait() waits for task workers: it does not work in one"
0
1
["returned",true]
false
false
true
