--TEST--
HTTP/1.0 closes after the answer unless it asks for keep-alive, and is never answered in chunks
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../http/program.inc';

[$server, $port] = serve(<<<'PHP'
    if ($request->server['path_info'] === '/pieces') {
        $response->write('one ');
        $response->end('two');
    } else {
        $response->end('whole');
    }
PHP);

echo "--- plain\n";
show(raw_request($port, "GET / HTTP/1.0\r\n\r\n"));
echo "--- keep-alive\n";
$stream = dial($port);
show(raw_request($stream, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 'whole'));
show(raw_request($stream, "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", 'whole'));
echo "--- pieces\n";
show(raw_request($stream, "GET /pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
var_dump(stop($server));
?>
--EXPECT--
--- plain
HTTP/1.1 200 OK
Server: tether-http-server
Connection: close
Content-Type: text/html
Content-Length: 5

whole
--- keep-alive
HTTP/1.1 200 OK
Server: tether-http-server
Connection: keep-alive
Content-Type: text/html
Content-Length: 5

whole
HTTP/1.1 200 OK
Server: tether-http-server
Connection: keep-alive
Content-Type: text/html
Content-Length: 5

whole
--- pieces
HTTP/1.1 200 OK
Server: tether-http-server
Connection: close
Content-Type: text/html

one two
int(0)
