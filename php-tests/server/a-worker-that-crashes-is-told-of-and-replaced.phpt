--TEST--
A segmentation fault of a worker: onWorkerError tells pid, code 0 and signal 11, it is replaced at once, and the requests of the others go on
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

$program = <<<'PHP'
    $serv->on('workerstart', fn ($s, $id) => tell(['start', $id, getmypid()]));
    $serv->on('workererror', fn ($s, ...$args) => tell(['error', ...$args]));
    $serv->on('workerstop', fn ($s, $id) => tell(['stop', $id]));
    $serv->on('request', function ($request, $response) use ($serv) {
        switch ($request->server['path_info']) {
            case '/crash':
                return exec('kill -SEGV ' . getmypid());
            case '/wait':
                $GLOBALS['waits'] = $response;
                return tell(['waits', $serv->worker_id]);
            case '/go':
                $GLOBALS['waits']->end('went on');
        }
        $response->end((string) $serv->worker_id);
    });
PHP;
foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    putenv("TETHER_SERVER_MODE=$mode");
    [$server, $port, $log] = start_server($program, ['worker_num' => 2]);
    $pids = [];
    while (count($pids) < 2) {
        [, $id, $pid] = $server->hear();
        $pids[$id] = $pid;
    }
    $started = microtime(true);
    $get = fn ($stream, $path) => raw_request($stream, "GET $path HTTP/1.1\r\nHost: h\r\n\r\n", fn ($got) => preg_match('~\r\n\r\n.~s', $got) === 1);
    // Two connections of each worker; the kernel or the master says where each goes.
    $by = [[], []];
    for ($i = 0; $i < 200 && (count($by[0]) < 2 || count($by[1]) < 2); $i++) {
        $stream = dial($port);
        $by[(int) http_parse($get($stream, '/'))['body']][] = $stream;
    }
    // A worker that dies within its first second is replaced with back-off.
    usleep((int) max(0, 1.1e6 - 1e6 * (microtime(true) - $started)));
    write_all($by[1][0], "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
    $server->hear();
    $crashed = microtime(true);
    $crash = raw_request($by[0][0], "GET /crash HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    $error = $server->hear();
    $start = $server->hear();
    echo "$mode: ", $crash === '' ? 'cut' : http_parse($crash)['status'], ', ', json_encode($error === ['error', 0, $pids[0], 0, 11]), ', ',
        json_encode([$start[0], $start[1], $start[2] !== $pids[0]]), ', ', microtime(true) - $crashed < 0.5 * patience() ? 'at once' : microtime(true) - $crashed, "\n";
    echo http_parse($get($by[1][1], '/go'))['body'], ' ', http_parse(read_until($by[1][0], 'went on'))['body'], "\n";
    echo http_get($port)['status'], ' ', preg_match('~worker #0 \(pid \d+\) was killed by signal 11~', file_get_contents($log)), ' ', stop($server), "\n";
}
?>
--EXPECT--
SWOOLE_BASE: cut, true, ["start",0,true], at once
1 went on
200 1 0
SWOOLE_PROCESS: 500, true, ["start",0,true], at once
1 went on
200 1 0
