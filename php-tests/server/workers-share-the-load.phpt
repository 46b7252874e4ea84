--TEST--
Workers share the load, and stats() counts over all of them
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('request', function ($request, $response) use ($serv) {
        $response->end($request->server['path_info'] === '/stats' ? json_encode($serv->stats()) : (string) getmypid());
    });
PHP, ['worker_num' => 3]);
$load = new Load($port, 64);
// 64 connections leave a worker out once in 10^11 runs; each has time until it has answered.
$load->until(fn ($load) => count($load->pids) === 3 && $load->answered >= 640)->end();
var_dump(count($load->pids));
$kept = dial($port);
raw_request($kept, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", fn ($got) => preg_match('~\r\n\r\n\d~', $got));
$stats = wait_for(function () use ($port) {
    $stats = json_decode(http_get($port, '/stats')['body'], true);
    return $stats['connection_num'] === 2 ? $stats : false;
});
echo implode(' ', array_keys($stats)), "\n";
var_dump($stats['request_count'] > 640, $stats['accept_count'] - $stats['close_count'] === 2, abs($stats['start_time'] - time()) < 60);
var_dump($stats['worker_request_count'] > 0 && $stats['worker_request_count'] < $stats['request_count']);
var_dump(stop($server));
?>
--EXPECT--
int(3)
start_time connection_num accept_count close_count tasking_num request_count buffer_size worker_request_count
bool(true)
bool(true)
bool(true)
bool(true)
int(0)
