--TEST--
A fatal error while an array of the request is made ends the process there, and the peer gets 500 or the end
--EXTENSIONS--
tether
--SKIPIF--
<?php if (getenv('TETHER_JUDGE') === 'valgrind') echo 'skip PHP itself releases nothing after a fatal error'; ?>
--INI--
max_input_vars=2
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    if ($request->server['path_info'] === '/plain') {
        $response->end('served');
        return;
    }
    tell('looks');
    $request->get;
    tell('went on');
PHP, <<<'PHP'
    set_error_handler(function ($level, $text) {
        if (str_contains($text, 'Input variables exceeded')) {
            trigger_error('planned', E_USER_ERROR);
        }
    });
PHP);
$raw = raw_request($port, "GET /?a=1&b=2&c=3&d=4 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
var_dump($raw === '' || str_starts_with($raw, 'HTTP/1.1 500 '));
$heard = [$server->hear(), $server->hear(), is_int($server->hear())];
echo json_encode($heard), "\n", http_get($port, '/plain')['body'], "\n";
stop($server);
?>
--EXPECT--
bool(true)
["looks","ready",true]
served
