--TEST--
An exception in a callback is reported, or goes to the program's handler; its answer is 500 and the worker goes on
--EXTENSIONS--
tether
--INI--
display_errors=0
log_errors=1
html_errors=0
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

foreach (['reported' => '', 'handled' => 'set_exception_handler(fn ($e) => tell(["handler", $e->getMessage()]));'] as $case => $handler) {
    [$server, $port] = start_server($handler . <<<'PHP'
        final class Gone
        {
            public function __destruct()
            {
                tell('local gone');
            }
        }
        $serv->on('request', function ($request, $response) {
            $local = new Gone;
            match ($request->server['path_info']) {
                '/throw' => throw new LogicException('planned'),
                '/error' => null_function(),
                '/close' => $GLOBALS['throw_in_close'] = $response->end('closes'),
                '/other' => $GLOBALS['other'] = $response,
                '/other-ends' => $GLOBALS['other']->end('other') && $response->end('ends'),
                default => $response->end((string) getmypid()),
            };
        });
        $serv->on('close', function ($serv, $fd) {
            if ($GLOBALS['throw_in_close'] ?? false) {
                $GLOBALS['throw_in_close'] = false;
                throw new Exception('in close');
            }
        });
    PHP);
    $pid = http_get($port)['body'];
    $server->hear();
    $other = dial($port);
    write_all($other, "GET /other HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    $server->hear();
    foreach (['/throw', '/error'] as $path) {
        $answer = http_get($port, $path);
        echo "$case $path: ", $answer['status'], ' ', json_encode($answer['body']), ', ';
        $heard = [$server->hear()];
        if ($handler) {
            $heard[] = $server->hear();
        }
        echo json_encode($heard), "\n";
    }
    echo http_get($port, '/close')['body'], ' ', $server->hear(), $handler ? ' ' . json_encode($server->hear()) : '', "\n";
    http_get($port, '/other-ends');
    $server->hear();
    echo http_parse(read_until($other))['body'], ', ', http_get($port)['body'] === $pid ? 'the same worker' : 'another worker', "\n";
    $errors = preg_replace('~ in /.*~', '', $server->errors());
    preg_match_all('~(?:Fatal error|Warning): .*~', $errors, $found);
    echo implode("\n", $found[0]), "\n";
    var_dump(stop($server));
}
?>
--EXPECT--
reported /throw: 500 "", ["local gone"]
reported /error: 500 "", ["local gone"]
closes local gone
other, the same worker
Warning:  Uncaught LogicException: planned
Warning:  Uncaught Error: Call to undefined function null_function()
Warning:  Uncaught Exception: in close
int(0)
handled /throw: 500 "", ["local gone",["handler","planned"]]
handled /error: 500 "", ["local gone",["handler","Call to undefined function null_function()"]]
closes local gone ["handler","in close"]
other, the same worker

int(0)
