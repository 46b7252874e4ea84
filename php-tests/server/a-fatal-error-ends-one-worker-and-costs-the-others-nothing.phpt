--TEST--
A fatal error ends its worker: what others were owed and was finished still leaves, idle connections go to the next worker, onWorkerError tells 255
--EXTENSIONS--
tether
--INI--
memory_limit=32M
display_errors=0
log_errors=0
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port, $log] = start_server(<<<'PHP'
    $serv->on('workerstart', fn () => tell('start ' . getmypid()));
    $serv->on('workerstop', fn () => tell('stop'));
    $serv->on('workererror', fn ($serv, $id, $pid, $code, $signal) => tell("error $id $code $signal"));
    $serv->on('request', function ($request, $response) {
        $path = $request->server['path_info'];
        if ($path === '/keep') {
            $GLOBALS['kept'] = $response;
            tell('kept');
            return;
        }
        if ($path === '/good') {
            return $response->end('good');
        }
        $GLOBALS['kept']->end(str_repeat('kept ', 2000));
        $response->write('begun');
        match ($path) {
            '/memory' => str_repeat('x', 100 << 20),
            '/time' => (function () {
                set_time_limit(1);
                for (;;);
            })(),
            '/user' => trigger_error('planned', E_USER_ERROR),
            '/redeclare' => eval('function strlen() {}'),
            '/abstract' => eval('class A implements Countable {}'),
        };
    });
PHP);
foreach (['/memory', '/time', '/user', '/redeclare', '/abstract'] as $path) {
    $pid = (int) substr($server->hear(), 6);
    $idle = dial($port);
    raw_request($idle, "GET /good HTTP/1.1\r\nHost: h\r\n\r\n", 'good');
    $kept = dial($port);
    write_all($kept, "GET /keep HTTP/1.1\r\nHost: h\r\n\r\n");
    $server->hear();
    // PHP's time limit is one of the processor's seconds, of which a busy machine gives few.
    $raw = raw_request($port, "GET $path HTTP/1.1\r\nHost: h\r\n\r\n", seconds: 60);
    echo "$path: ", json_encode(explode("\r\n\r\n", $raw, 2)[1] ?? $raw), ', ', strlen(http_ask($kept, '')['body']), ', ',
        http_ask($idle, "GET /good HTTP/1.1\r\nHost: h\r\n\r\n")['body'], ', ', $server->hear(), ', ', http_get($port, '/good')['body'], ' ', json_encode(is_alive($pid)), "\n";
}
echo strlen($server->hear()) > 6 ? 'replaced' : '', "\n";
var_dump(stop($server));
?>
--EXPECT--
/memory: "5\r\nbegun\r\n", 10000, good, error 0 255 0, good false
/time: "5\r\nbegun\r\n", 10000, good, error 0 255 0, good false
/user: "5\r\nbegun\r\n", 10000, good, error 0 255 0, good false
/redeclare: "5\r\nbegun\r\n", 10000, good, error 0 255 0, good false
/abstract: "5\r\nbegun\r\n", 10000, good, error 0 255 0, good false
replaced
int(0)
