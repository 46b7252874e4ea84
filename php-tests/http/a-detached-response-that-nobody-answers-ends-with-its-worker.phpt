--TEST--
A detached response that nobody has answered when its worker ends gets 500: no peer waits for a worker that is gone
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    if ($request->server['path_info'] === '/exit') {
        $response->end('it ends');
        exit;
    }
    $response->detach();
    tell('detached');
PHP);
$stream = dial($port);
write_all($stream, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
echo $server->hear(), "\n", http_get($port, '/exit')['body'], "\n";
show(http_ask($stream, "")["raw"] ?? "");
echo 'exit code ', stop($server), "\n";
?>
--EXPECTF--
detached
it ends
HTTP/1.1 500 Internal Server Error
Server: tether-http-server
Connection: %s
Content-Type: text/html
Content-Length: 0


exit code 0
