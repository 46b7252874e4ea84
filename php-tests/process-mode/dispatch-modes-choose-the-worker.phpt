--TEST--
dispatch_mode: 1 gives workers their turns, 2 a connection one worker, 3 and 7 the idle one, 4 an address one worker; 1, 3 and 7 tell of connections with enable_unsafe_event only
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
putenv('TETHER_SERVER_MODE=SWOOLE_PROCESS');
require __DIR__ . '/../server/program.inc';

foreach ([[1, false], [1, true], [2, false], [3, false], [3, true], [4, false], [7, false], [7, true]] as [$mode, $unsafe]) {
    [$server, $port] = start_server(<<<'PHP'
        $serv->on('connect', fn ($serv, $fd) => tell("connect $fd"));
        $serv->on('close', fn ($serv, $fd) => tell("close $fd"));
        $serv->on('receive', function ($serv, $fd, $reactor, $data) {
            if ($data === 'slow') {
                tell("slow $serv->worker_id");
                usleep(300000);
            }
            $serv->send($fd, "$serv->worker_id;");
        });
    PHP, ['worker_num' => 2, 'dispatch_mode' => $mode, 'enable_unsafe_event' => $unsafe], 'Server');
    wait_for(fn () => children($server->pid, 2));
    $streams = [dial($port), dial($port)];
    // The first ones wait for the workers' starts; where workers are chosen each time, until both serve.
    for ($seen = []; count($seen) < (in_array($mode, [2, 4]) ? 1 : 2);) {
        $seen[raw_request($streams[0], 'a', ';')] = true;
    }
    raw_request($streams[1], 'a', ';');
    $workers = [];
    foreach ([0, 1] as $n) {
        $workers[] = implode('', array_map(fn () => rtrim(raw_request($streams[$n], 'a', ';'), ';'), range(1, 4)));
    }
    $seen = match ($mode) {
        1 => in_array($workers[0], ['0101', '1010']) ? 'in turn' : $workers,
        2 => array_map(fn ($w) => count(count_chars($w, 1)), $workers) === [1, 1] && $workers[0] !== $workers[1] ? 'each its own' : $workers,
        4 => $workers[0] === $workers[1] && count(count_chars($workers[0], 1)) === 1 ? 'one for the address' : $workers,
        3, 7 => '',
    };
    if ($mode === 3 || $mode === 7) {
        write_all($streams[0], 'slow');
        do {
            $slow = $server->hear();
        } while (!str_starts_with($slow, 'slow'));
        $others = implode('', array_map(fn () => rtrim(raw_request($streams[1], 'a', ';'), ';'), range(1, 3)));
        $seen = $others === str_repeat((string) (1 - (int) substr($slow, 5)), 3) ? 'the idle one' : "$slow $others";
        read_until($streams[0], ';');
    }
    array_map(fclose(...), $streams);
    // Until the server has closed its sides.
    wait_for(fn () => !preg_match(sprintf('/ 0100007F:%04X [0-9A-F]+:[0-9A-F]{4} 0[^A]/', $port), file_get_contents('/proc/net/tcp')));
    $server->signal(15);
    $told = array_filter(hear_to_the_end($server), fn ($word) => is_string($word));
    sort($told);
    echo $mode, $unsafe ? ' unsafe: ' : ': ', json_encode($seen), ' ', json_encode($told), "\n";
}
?>
--EXPECT--
1: "in turn" []
1 unsafe: "in turn" ["close 1","close 2","connect 1","connect 2"]
2: "each its own" ["close 1","close 2","connect 1","connect 2"]
3: "the idle one" []
3 unsafe: "the idle one" ["close 1","close 2"]
4: "one for the address" ["close 1","close 2","connect 1","connect 2"]
7: "the idle one" []
7 unsafe: "the idle one" ["close 1","close 2"]
