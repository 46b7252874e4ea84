--TEST--
A task may answer with finish() from a timer or a client: the next task waits until it has; what never answers is told to its asker
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$backend = echo_peer();
[$server] = start_server(<<<'PHP'
    $serv->on('receive', fn () => null);
    $serv->on('workerstart', function ($s) {
        if ($s->taskworker) {
            $s->tick(1000, fn () => null);
            return;
        }
        foreach (['timer', 'next', 'defer', 'client', 'next', 'never', 'next'] as $task) {
            $s->task($task, -1, function ($s, $id, $data) use ($task) {
                tell([$task, $data]);
            });
        }
        $s->tick(5, function () use ($s) {
            if ($s->stats()['tasking_num'] === 0 && Tether\Ledger::count('task') === 0) {
                $s->shutdown();
            }
        });
    });
    $serv->on('task', function ($s, $id, $from, $data) {
        switch ($data) {
            case 'timer':
                $s->after(100, fn () => $s->finish('by a timer'));
                return;
            case 'defer':
                $s->defer(fn () => $s->finish('deferred'));
                return;
            case 'client':
                $client = new Swoole\Client(SWOOLE_TCP, SWOOLE_SOCK_ASYNC);
                $client->on('connect', fn ($c) => $c->send('hello'));
                $client->on('receive', function ($c, $got) use ($s) {
                    $s->finish($got);
                    $c->close();
                });
                $client->on('error', fn () => $s->finish('error'));
                $client->on('close', fn () => null);
                $client->connect('127.0.0.1', $GLOBALS['port'], 5);
                return;
            case 'never':
                $s->after(20, fn () => tell('worked without an answer'));
                return;
            default:
                return $data;
        }
    });
PHP, ['task_worker_num' => 1], 'Server', ['port' => $backend->where]);
echo implode("\n", array_map('json_encode', hear_to_the_end($server))), "\n";
?>
--EXPECT--
["timer","by a timer"]
["next","next"]
["defer","deferred"]
["client","hello"]
["next","next"]
"worked without an answer"
["next","next"]
["returned",true]
0