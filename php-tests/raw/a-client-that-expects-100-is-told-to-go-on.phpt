--TEST--
A client that expects 100-continue is told to go on, and refused at once when its body would be too long
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../http/program.inc';

[$server, $port] = serve('$response->end("got " . strlen($request->rawContent()));', '$serv->set(["package_max_length" => 65536]);');
$head = fn (int $length, string $more = '') => "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: $length\r\nExpect: 100-continue\r\n$more\r\n";

$stream = dial($port);
show(raw_request($stream, $head(5), "\r\n\r\n"));
show(raw_request($stream, 'hello', 'got 5'));
echo "--- the body came along\n";
show(raw_request($stream, $head(5) . 'hello', 'got 5'));
echo "--- no body\n";
show(raw_request($stream, $head(0), 'got 0'));
echo "--- too long\n";
show(strtok(raw_request($stream, $head(65537)), "\r"));
echo "--- HTTP/1.0 knows no 100\n";
show(strtok(raw_request($port, [str_replace('/1.1', '/1.0', $head(5)), 'hello']), "\r"));
echo "--- another expectation\n";
show(strtok(raw_request($port, str_replace('100-continue', 'the-unexpected', $head(0, "Connection: close\r\n"))), "\r"));
var_dump(stop($server));
?>
--EXPECT--
HTTP/1.1 100 Continue


HTTP/1.1 200 OK
Server: tether-http-server
Connection: keep-alive
Content-Type: text/html
Content-Length: 5

got 5
--- the body came along
HTTP/1.1 200 OK
Server: tether-http-server
Connection: keep-alive
Content-Type: text/html
Content-Length: 5

got 5
--- no body
HTTP/1.1 200 OK
Server: tether-http-server
Connection: keep-alive
Content-Type: text/html
Content-Length: 5

got 0
--- too long
HTTP/1.1 413 Content Too Large
--- HTTP/1.0 knows no 100
HTTP/1.1 200 OK
--- another expectation
HTTP/1.1 417 Expectation Failed
int(0)
