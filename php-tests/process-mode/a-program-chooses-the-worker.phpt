--TEST--
dispatch_func runs in the master, is asked for data, beginning and end of each connection, and says which worker gets it; nobody: raw data is dropped, and an HTTP connection ends
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
putenv('TETHER_SERVER_MODE=SWOOLE_PROCESS');
require __DIR__ . '/../server/program.inc';

$func = <<<'PHP'
    $serv->set(['dispatch_func' => function ($serv, $fd, $type, $data) {
        tell('asked ' . json_encode([getmypid() === $serv->master_pid, $fd, $type, substr($data, 0, 20)]));
        if (str_contains($data, 'nobody')) {
            return -1;
        }
        if (str_contains($data, 'throw')) {
            throw new Exception('planned');
        }
        return str_contains($data, 'one') ? 1 : 0;
    }]);
PHP;
[$server, $port] = start_server($func . <<<'PHP'
    $serv->on('connect', fn ($serv, $fd) => tell("connect $fd in $serv->worker_id"));
    $serv->on('close', fn ($serv, $fd) => tell("close $fd in $serv->worker_id"));
    $serv->on('receive', fn ($serv, $fd, $reactor, $data) => $serv->send($fd, "$serv->worker_id;"));
PHP, ['worker_num' => 2], 'Server');
$stream = dial($port);
echo $server->hear(), "\n", $server->hear(), "\n";
foreach (['zero', 'one', 'one more'] as $what) {
    echo raw_request($stream, $what, ';'), ' ', $server->hear(), "\n";
}
write_all($stream, 'nobody');
echo $server->hear(), "\n";
echo raw_request($stream, 'one', ';'), ' ', $server->hear(), "\n";
fclose($stream);
echo $server->hear(), "\n", $server->hear(), "\n";
var_dump(stop($server));

[$server, $port] = start_server($func . <<<'PHP'
    $serv->on('request', function ($request, $response) use ($serv) {
        $response->end($serv->worker_id . ' ' . strlen($request->rawContent()));
    });
PHP, ['worker_num' => 2, 'log_file' => '/dev/null']);
$stream = dial($port);
$get = fn ($path, $end) => raw_request($stream, "GET $path HTTP/1.1\r\nHost: h\r\n\r\n", $end);
foreach (['/zero', '/one', '/throw'] as $path) {
    echo http_parse($get($path, fn ($got) => str_contains($got, "\r\n\r\n") && str_ends_with($got, ' 0')))['body'], ' ', $server->hear(), "\n";
    if ($path === '/one') {
        break;
    }
}
$body = str_repeat('x', 200000);
$answer = raw_request($stream, "POST /one HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n$body", ' 200000');
echo http_parse($answer)['body'], ' ', $server->hear(), "\n";
echo json_encode($get('/nobody', null)), ' ', $server->hear(), "\n";
$server->signal(15);
echo json_encode(hear_to_the_end($server)), "\n";
?>
--EXPECT--
asked [true,1,5,""]
connect 1 in 0
0; asked [true,1,0,"zero"]
1; asked [true,1,0,"one"]
1; asked [true,1,0,"one more"]
asked [true,1,0,"nobody"]
1; asked [true,1,0,"one"]
asked [true,1,4,""]
close 1 in 0
int(0)
0 0 asked [true,1,0,"GET \/zero HTTP\/1.1\r\n"]
1 0 asked [true,1,0,"GET \/one HTTP\/1.1\r\nH"]
1 200000 asked [true,1,0,"POST \/one HTTP\/1.1\r\n"]
"" asked [true,1,0,"GET \/nobody HTTP\/1.1"]
[["returned",true],0]
