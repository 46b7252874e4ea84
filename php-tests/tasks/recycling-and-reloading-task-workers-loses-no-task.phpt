--TEST--
task_max_request, reload(true) and SIGUSR2 replace task workers, event workers stay; no task is lost or run twice
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

[$server, , $log] = start_server(<<<'PHP'
    $serv->on('receive', fn () => null);
    $serv->on('task', function ($s, $id, $from, $data) {
        usleep(200);
        return [$data, getmypid()];
    });
    $serv->on('workerstart', function ($s, $id) {
        if ($s->taskworker) {
            return;
        }
        tell(['worker', getmypid()]);
        $answers = $pids = [];
        $asked = 0;
        // Tasks go on until five processes have had some, however long successors take to start.
        $s->tick(2, function ($timer) use ($s, &$asked, &$answers, &$pids) {
            if ($asked >= 600 && count($pids) >= 5) {
                if (count($answers) === $asked) {
                    $s->clearTimer($timer);
                    $s->defer(fn () => tell([array_values(array_unique($answers)), Tether\Ledger::count('task')]));
                }
                return;
            }
            if ($asked === 300) {
                tell(['reload', $s->reload(true)]);
            }
            for ($i = 0; $i < 10; $i++) {
                $s->task($asked++, -1, function ($s, $id, $data) use (&$answers, &$pids) {
                    $answers[$data[0]] = ($answers[$data[0]] ?? 0) + 1;
                    $pids[$data[1]] = true;
                });
            }
        });
    });
    $serv->on('workererror', fn ($s, ...$args) => tell(['error', $args]));
PHP, ['task_worker_num' => 2, 'task_max_request' => 60], 'Server');
for ($i = 0; $i < 3; $i++) {
    $word = $server->hear(30);
    echo $word[0] === 'worker' ? 'worker' : json_encode($word), "\n";
}
$server->signal(12);
var_dump(wait_for(fn () => substr_count(file_get_contents($log), 'the task workers are replaced') === 2));
var_dump(str_contains(file_get_contents($log), 'is replaced: task_max_request'), stop($server));
?>
--EXPECT--
worker
["reload",true]
[[1],0]
bool(true)
bool(true)
int(0)