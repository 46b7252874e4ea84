--TEST--
A master that is killed takes its workers with it, the busy ones too
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('request', function ($request, $response) {
        tell('busy');
        for (;;) {
            usleep(10000);
        }
    });
PHP, ['worker_num' => 3]);
$stream = dial($port);
write_all($stream, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
$server->hear();
$pids = children($server->pid, 3);
var_dump(count($pids));
$server->signal(9);
var_dump($server->wait());
var_dump(wait_for(fn () => !array_filter($pids, 'is_alive'), 1));
var_dump(@stream_socket_client("tcp://127.0.0.1:$port"));
?>
--EXPECT--
int(3)
int(137)
bool(true)
bool(false)
