--TEST--
tick, after, clearTimer and defer of a server work in its worker and in its master, and end with them
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('managerstart', function ($serv) {
        $serv->tick(1, function ($id) use ($serv) {
            $GLOBALS['master_ticks'] = ($GLOBALS['master_ticks'] ?? 0) + 1;
            if ($GLOBALS['master_ticks'] === 3) {
                tell(['master', $serv->clearTimer($id), $serv->clearTimer($id)]);
            }
        });
    });
    $serv->on('workerstart', function ($serv) {
        $GLOBALS['started'] = $serv->after(1, fn () => $GLOBALS['from_start'] = true);
        $serv->tick(60000, fn () => null);
    });
    $serv->on('request', function ($request, $response) use ($serv) {
        $log = new ArrayObject;
        $ticks = 0;
        $serv->tick(2, function ($id, ...$more) use ($serv, $response, $log, &$ticks) {
            $log[] = 'tick ' . ++$ticks . ' ' . json_encode($more);
            if ($ticks === 3) {
                $log[] = json_encode([$serv->clearTimer($id), @$serv->clearTimer($id), $GLOBALS['from_start']]);
                $serv->after(1, function (...$more) use ($response, $log) {
                    $log[] = 'after ' . json_encode($more);
                    $response->end(json_encode($log->getArrayCopy()));
                }, 'x', 2);
            }
        }, 'p');
        $cancelled = $serv->after(1, fn () => tell('never'));
        $log[] = json_encode($serv->clearTimer($cancelled));
        $serv->defer(fn () => $log[] = 'deferred');
        $log[] = 'returns';
    });
PHP);
echo json_encode($server->hear()), "\n";
echo implode("\n", json_decode(http_get($port)['body'])), "\n";
$server->signal(15);
echo json_encode(hear_to_the_end($server)), "\n";
?>
--EXPECT--
["master",true,false]
true
returns
deferred
tick 1 ["p"]
tick 2 ["p"]
tick 3 ["p"]
[true,false,true]
after ["x",2]
[["returned",true],0]
