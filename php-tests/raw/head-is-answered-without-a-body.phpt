--TEST--
HEAD is answered with the head that GET would get and without a body; the next request is understood
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../http/program.inc';

[$server, $port] = serve(<<<'PHP'
    $response->header('X-Method', $request->server['request_method']);
    if ($request->server['path_info'] === '/pieces') {
        $response->write('one ');
        $response->end('two');
    } else {
        $response->end('whole');
    }
PHP);

$stream = dial($port);
show(raw_request($stream, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", "\r\n\r\n"));
show(raw_request($stream, "HEAD /pieces HTTP/1.1\r\nHost: h\r\n\r\n", "\r\n\r\n"));
show(raw_request($stream, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 'whole'));
echo "--- pipelined\n";
show(raw_request($stream, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
var_dump(stop($server));
?>
--EXPECT--
HTTP/1.1 200 OK
X-Method: HEAD
Server: tether-http-server
Connection: keep-alive
Content-Type: text/html
Content-Length: 5


HTTP/1.1 200 OK
X-Method: HEAD
Server: tether-http-server
Connection: keep-alive
Content-Type: text/html
Transfer-Encoding: chunked


HTTP/1.1 200 OK
X-Method: GET
Server: tether-http-server
Connection: keep-alive
Content-Type: text/html
Content-Length: 5

whole
--- pipelined
HTTP/1.1 200 OK
X-Method: HEAD
Server: tether-http-server
Connection: keep-alive
Content-Type: text/html
Content-Length: 5

HTTP/1.1 200 OK
X-Method: GET
Server: tether-http-server
Connection: close
Content-Type: text/html
Content-Length: 5

whole
int(0)
