--TEST--
reload_async: an ending worker runs onWorkerStop at once, then onWorkerExit in each turn until nothing is pending or max_wait_time is over
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$program = <<<'PHP'
    $serv->on('workerstart', function ($serv, $id) {
        tell('start');
        $GLOBALS['timer'] = $serv->tick(5, fn () => null);
    });
    $serv->on('receive', function ($serv, $fd, $reactor, $data) {
        $GLOBALS['asked'] = $fd;
        tell('asked');
    });
    $serv->on('workerstop', fn ($serv, $id) => tell("stop $id"));
    $serv->on('close', fn ($serv, $fd) => tell('close'));
    $serv->on('workerexit', function ($serv, $id) use ($clears) {
        static $turns = 0;
        // The ticks are what turns the loop.
        if ($turns++ === 0) {
            tell("exit $id");
            isset($GLOBALS['asked']) && $serv->send($GLOBALS['asked'], "later\n") && $serv->close($GLOBALS['asked']);
        }
        if ($clears && $turns === 8) {
            tell('clears the timer');
            $serv->clearTimer($GLOBALS['timer']);
        }
    });
PHP;
foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    putenv("TETHER_SERVER_MODE=$mode");
    foreach (['clears' => [true, true, 20], 'does not clear' => [true, false, 0.2], 'without the option' => [false, false, 20]] as $case => [$async, $clears, $wait]) {
        [$server, $port, $log] = start_server($program, ['reload_async' => $async, 'max_wait_time' => $wait], 'Server', ['clears' => $clears]);
        $heard = [$server->hear()];
        write_all($stream = dial($port), "ask\n");
        $heard[] = $server->hear();
        $server->signal($mode === 'SWOOLE_BASE' ? 10 : 15);
        $got = read_until($stream);
        fclose($stream);
        if ($mode === 'SWOOLE_BASE') {
            // The successor has started; the rest is told by the one that ends.
            for ($n = count(array_keys($heard, 'start')); $n < 2 || !in_array('stop 0', $heard, true); $n += $word === 'start') {
                $heard[] = $word = $server->hear();
            }
            children($server->pid, 1);
            $server->signal(15);
        }
        $heard = [...$heard, ...hear_to_the_end($server)];
        preg_match_all('~WARNING .*~', file_get_contents($log), $warnings);
        echo "$mode, $case: ", json_encode([$got, $heard]), "\n", preg_replace('~#\d+~', '#N', implode("\n", preg_grep('~\[9012\]~', $warnings[0]))), "\n";
    }
}
?>
--EXPECT--
SWOOLE_BASE, clears: ["later\n",["start","asked","start","stop 0","exit 0","close","clears the timer","stop 0","exit 0","clears the timer",["returned",true],0]]

SWOOLE_BASE, does not clear: ["later\n",["start","asked","start","stop 0","exit 0","close","stop 0","exit 0",["returned",true],0]]
WARNING max_wait_time is over [9012]: 0 connections and 0 clients were still busy
WARNING max_wait_time is over [9012]: 0 connections and 0 clients were still busy
SWOOLE_BASE, without the option: ["later\n",["start","asked","start","exit 0","close","stop 0","stop 0",["returned",true],0]]

SWOOLE_PROCESS, clears: ["later\n",["start","asked","stop 0","exit 0","close","clears the timer",["returned",true],0]]

SWOOLE_PROCESS, does not clear: ["later\n",["start","asked","stop 0","exit 0","close",["returned",true],0]]
WARNING max_wait_time is over [9012]: 0 connections and 0 clients were still busy
SWOOLE_PROCESS, without the option: ["later\n",["start","asked","exit 0","close","stop 0",["returned",true],0]]
