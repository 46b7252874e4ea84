--TEST--
A task worker that dies within a task (kill -9, exit, fatal error, exception) answers that task with false; tasks that wait for it are run by its successor
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

[$server, , $log] = start_server(<<<'PHP'
    ini_set('display_errors', '0');
    $serv->on('receive', fn () => null);
    $serv->on('task', function ($s, $id, $from, $data) {
        match ($data) {
            'kill' => exec('kill -9 ' . getmypid()),
            'exit' => exit(3),
            'memory' => str_repeat('x', PHP_INT_MAX >> 8),
            'time' => (function () { set_time_limit(1); while (true); })(),
            'throw' => throw new Exception('thrown in a task'),
            'slow kill' => [usleep(100000), exec('kill -9 ' . getmypid())],
            default => null,
        };
        return $data;
    });
    $serv->on('workererror', fn ($s, $id, $pid, $code, $signal) => tell(['error', $id, $code, $signal]));
    $serv->on('workerstart', function ($s) {
        if ($s->taskworker) {
            return;
        }
        foreach (['kill', 'exit', 'memory', 'time', 'throw'] as $how) {
            tell([$how, $s->taskwait($how, 20), $s->taskwait('next', 20)]);
        }
        $answered = [];
        foreach (['slow kill', 'a', 'b', 'c', 'd'] as $task) {
            $s->task($task, -1, function ($s, $id, $data) use (&$answered, $task) {
                $answered[] = [$task, $data];
                if (count($answered) === 5) {
                    tell($answered);
                    $s->tick(2, function () use ($s) {
                        if (Tether\Ledger::count('task') === 0 && $s->stats()['tasking_num'] === 0) {
                            $s->shutdown();
                        }
                    });
                }
            });
        }
    });
PHP, ['task_worker_num' => 1], 'Server');
$errors = $told = [];
// PHP's time limit is one of the processor's seconds, of which a busy machine gives few.
foreach (hear_to_the_end($server, 60) as $word) {
    if (($word[0] ?? null) === 'error') {
        $errors[] = $word;
    } else {
        $told[] = $word;
    }
}
echo implode("\n", array_map('json_encode', [...$told, ...$errors])), "\n";
?>
--EXPECT--
["kill",false,"next"]
["exit",false,"next"]
["memory",false,"next"]
["time",false,"next"]
["throw",false,"next"]
[["slow kill",false],["a","a"],["b","b"],["c","c"],["d","d"]]
["returned",true]
0
["error",1,0,9]
["error",1,3,0]
["error",1,255,0]
["error",1,255,0]
["error",1,0,9]