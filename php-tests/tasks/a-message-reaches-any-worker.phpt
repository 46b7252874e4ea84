--TEST--
sendMessage() reaches event workers and task workers, in order, with any value, and onPipeMessage knows the sender
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

[$server] = start_server(<<<'PHP'
    $serv->on('receive', fn () => null);
    $serv->on('task', fn () => null);
    $serv->on('pipemessage', function ($s, $from, $message) {
        if ($message === 'go') {
            foreach ([0, 2, 3] as $to) {
                $s->sendMessage(['to' => $to], $to);
            }
        } elseif (is_array($message)) {
            tell([$message, $s->worker_id, $from, $s->taskworker]);
            $s->sendMessage("back from $s->worker_id", $from);
        } elseif (is_string($message)) {
            tell([$message, $s->worker_id, $from]);
        } else {
            $GLOBALS['seen'][] = $message;
            if (count($GLOBALS['seen']) === 20000) {
                tell([$GLOBALS['seen'] === range(1, 20000)]);
                $s->shutdown();
            }
        }
    });
    $serv->on('workerstart', function ($s, $id) {
        if ($id === 0) {
            tell(['refused', @$s->sendMessage('x', 0), @$s->sendMessage('x', 4), @$s->sendMessage('x', -1)]);
            $s->sendMessage('go', 1);
            $s->after(300, function () use ($s) {
                foreach (range(1, 20000) as $n) {
                    $s->sendMessage($n, 3);
                }
            });
        }
    });
PHP, ['worker_num' => 2, 'task_worker_num' => 2], 'Server');
$heard = array_map('json_encode', hear_to_the_end($server));
$some = array_splice($heard, 1, 6);
sort($some);
echo implode("\n", [$heard[0], ...$some, ...array_slice($heard, 1)]), "\n";
?>
--EXPECT--
["refused",false,false,false]
["back from 0",1,0]
["back from 2",1,2]
["back from 3",1,3]
[{"to":0},0,1,false]
[{"to":2},2,1,true]
[{"to":3},3,1,true]
[true]
["returned",true]
0