--TEST--
A client that shuts its sending side still gets its answer, at once or later; with half a request it gets none
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../http/program.inc';

[$server, $port] = serve(<<<'PHP'
    if ($request->server['path_info'] === '/later') {
        Swoole\Timer::after(20, function () use ($response) {
            $response->end('later');
        });
    } else {
        $response->end($request->server['path_info'] === '/large' ? str_repeat('x', 2000000) : 'now');
    }
PHP, '$serv->on("close", fn () => tell("closed"));');
$half = function (string $bytes) use ($port) {
    $stream = dial($port);
    write_all($stream, $bytes);
    stream_socket_shutdown($stream, STREAM_SHUT_WR);
    return read_until($stream);
};
$get = fn ($path) => "GET $path HTTP/1.1\r\nHost: h\r\n\r\n";
echo http_parse($half($get('/now')))['body'], ' ', $server->hear(), "\n";
echo http_parse($half($get('/later')))['body'], ' ', $server->hear(), "\n";
echo strlen(http_parse($half($get('/large')))['body']), ' ', $server->hear(), "\n";
$both = $half($get('/later') . $get('/now'));
echo substr_count($both, 'HTTP/1.1 200'), ' ', strpos($both, 'later') < strpos($both, 'now') ? 'in order' : $both, ' ', $server->hear(), "\n";
echo json_encode($half(substr($get('/now'), 0, 20))), ' ', $server->hear(), "\n";
var_dump(stop($server));
?>
--EXPECT--
now closed
later closed
2000000 closed
2 in order closed
"" closed
int(0)
