--TEST--
A master that is killed takes its manager and workers with it within a second, and its port is free
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
putenv('TETHER_SERVER_MODE=SWOOLE_PROCESS');
require __DIR__ . '/../server/program.inc';

/** Kills a master: how long the others lived, and what is told of it. */
function killed(): array
{
    [$server, $port] = start_server(<<<'PHP'
        $serv->on('request', fn ($request, $response) => $response->end(sleep(30) . ''));
    PHP, ['worker_num' => 2]);
    $workers = wait_for(fn () => children($server->pid, 2));
    $managers = array_filter(explode(' ', file_get_contents("/proc/$server->pid/task/$server->pid/children")));
    $stream = dial($port);
    write_all($stream, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    $all = [...$workers, ...$managers];
    $told = [count($all), count(array_filter($all, is_alive(...)))];
    $server->signal(9);
    $killed = microtime(true);
    $told[] = wait_for(fn () => !array_filter($all, is_alive(...)));
    $lived = microtime(true) - $killed;
    array_push($told, read_until($stream), is_resource(stream_socket_server("tcp://127.0.0.1:$port")));
    return [$lived, $told];
}

// A busy machine may take longer over all of its processes, but not each time.
for ($tries = 5; $tries > 0; $tries--) {
    [$lived, $told] = killed();
    if ($lived < patience()) {
        break;
    }
}
var_dump($lived < patience());
echo json_encode($told), "\n";
?>
--EXPECT--
bool(true)
[3,3,true,"",true]
