--TEST--
A task is answered by a return value or finish(), to onFinish, to its callback, to taskwait and taskWaitMulti, with any value
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

[$server] = start_server(<<<'PHP'
    $serv->on('receive', fn () => null);
    final class Point
    {
        public function __construct(public int $x) {}
    }
    $serv->on('task', function ($s, $id, $from, $data) use ($serv) {
        if ($data instanceof Point) {
            $s->finish(new Point($data->x + 1));
            return 'ignored';
        }
        return match ($data) {
            'where' => [$s === $serv, $id, $from, $s->taskworker, $s->worker_id, getmypid() === $s->worker_pid],
            'nothing' => null,
            'null answer' => $s->finish(null) ? null : 'refused',
            'twice' => [$s->finish('first'), @$s->finish('second')][1],
            default => $data,
        };
    });
    $serv->on('finish', fn (...$args) => tell(['onFinish', $args[0] === $serv, $args[1], $args[2]]));
    $serv->on('workerstart', function ($s, $id) {
        if ($s->taskworker) {
            return;
        }
        tell(['taskwait', $s->taskwait('where', 10)]);
        tell(['to 1', $s->taskwait('where', 10, 1)[4]]);
        tell(['object', $s->taskwait(new Point(1), 10)]);
        tell(['values', array_map(fn ($value) => $s->taskwait($value, 10), [1, 1.5, true, false, null, [1, ['a' => null]], '', "\0\xff"]) === [1, 1.5, true, false, false, [1, ['a' => null]], '', "\0\xff"]]);
        tell(['null answer', $s->taskwait('null answer', 10)]);
        tell(['nothing', $s->taskwait('nothing', 10)]);
        $multi = $s->taskWaitMulti(['a' => 'x', 'b' => 'nothing', 'c' => [3]], 10);
        ksort($multi);
        tell(['multi', $multi, $s->taskWaitMulti([])]);
        tell(['ids', $first = $s->task('to onFinish'), $s->task('to its callback', -1, fn (...$args) => tell(['callback', $args[1] === $first + 1, $args[2]])) === $first + 1]);
        $s->task('twice', 0);
        tell(['rows', Tether\Ledger::count('task'), Tether\Ledger::count()]);
        $s->tick(5, function ($timer) use ($s) {
            if (Tether\Ledger::count('task') + $s->stats()['tasking_num'] === 0) {
                $s->clearTimer($timer);
                $s->defer(fn () => $s->defer(function () use ($s) {
                    tell(['rows', Tether\Ledger::count('task'), Tether\Ledger::count('timer')]);
                    $s->shutdown();
                }));
            }
        });
    });
PHP, ['task_worker_num' => 2], 'Server');
$heard = array_map('json_encode', hear_to_the_end($server));
$later = array_splice($heard, 9);
sort($later);
echo implode("\n", [...$heard, '', ...$later]), "\n";
?>
--EXPECT--
["taskwait",[true,0,0,true,2,true]]
["to 1",2]
["object",{"x":2}]
["values",true]
["null answer",null]
["nothing",false]
["multi",{"0":"x","2":[3]},[]]
["ids",16,true]
["rows",1,1]

0
["callback",true,"to its callback"]
["onFinish",true,16,"to onFinish"]
["onFinish",true,18,"first"]
["returned",true]
["rows",0,0]