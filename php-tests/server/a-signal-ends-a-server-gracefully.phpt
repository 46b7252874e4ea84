--TEST--
SIGTERM, SIGINT and shutdown() end a server gracefully: what was begun is answered, start() returns true, exit code 0, no stray process
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

foreach (['TERM' => 15, 'INT' => 2, 'shutdown()' => 0] as $how => $signal) {
    [$server, $port] = start_server(<<<'PHP'
        $serv->on('request', function ($request, $response) use ($serv) {
            if ($request->server['path_info'] === '/end') {
                $serv->shutdown();
                $response->end('ends');
                return;
            }
            tell('asked');
            Swoole\Timer::after(300, fn () => $response->end('whole'));
        });
        $serv->on('workerstop', fn ($serv, $id) => tell("stop"));
    PHP, ['worker_num' => 2]);
    $idle = dial($port);
    $waiting = dial($port);
    write_all($waiting, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    $server->hear();
    $pids = children($server->pid, 2);
    $signal ? $server->signal($signal) : http_get($port, '/end');
    $answer = http_parse(read_until($waiting));
    echo "$how: {$answer['body']} {$answer['headers']['connection']}, idle ", json_encode(read_until($idle)), ', ',
        json_encode(hear_to_the_end($server)), ', ', count($pids), ' workers, ', count(array_filter($pids, 'is_alive')), " left\n";
    var_dump(@stream_socket_client("tcp://127.0.0.1:$port"));
}
?>
--EXPECT--
TERM: whole close, idle "", ["stop","stop",["returned",true],0], 2 workers, 0 left
bool(false)
INT: whole close, idle "", ["stop","stop",["returned",true],0], 2 workers, 0 left
bool(false)
shutdown(): whole close, idle "", ["stop","stop",["returned",true],0], 2 workers, 0 left
bool(false)
