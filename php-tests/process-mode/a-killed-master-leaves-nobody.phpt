--TEST--
A master that is killed takes its manager and workers with it within a second, and its port is free
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
putenv('TETHER_SERVER_MODE=SWOOLE_PROCESS');
require __DIR__ . '/../server/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('request', fn ($request, $response) => $response->end(sleep(30) . ''));
PHP, ['worker_num' => 2]);
$workers = wait_for(fn () => children($server->pid, 2));
$managers = array_filter(explode(' ', file_get_contents("/proc/$server->pid/task/$server->pid/children")));
$stream = dial($port);
write_all($stream, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
$all = [...$workers, ...$managers];
var_dump(count($all), count(array_filter($all, is_alive(...))));
// By no program of its own: to start that takes its time on a busy machine.
$killed = microtime(true);
$server->signal(9);
var_dump(wait_for(fn () => !array_filter($all, is_alive(...))));
var_dump(microtime(true) - $killed < patience());
// The kernel closes connections before the sockets that listen.
var_dump(read_until($stream), $server->wait());
$again = stream_socket_server("tcp://127.0.0.1:$port");
var_dump(is_resource($again));
?>
--EXPECT--
int(3)
int(3)
bool(true)
bool(true)
string(0) ""
int(137)
bool(true)
