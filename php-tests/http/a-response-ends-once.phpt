--TEST--
A response ends once; whatever comes after says so and changes nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    tell([$response->end('first'), $response->end('second'), $response->write('x'), $response->header('a', 'b'),
        $response->cookie('a', 'b'), $response->status(404), $response->sendfile(__FILE__), $response->redirect('/'),
        $response->initHeader(), $response->detach(), $response->isWritable(), $response->gzip()]);
    tell($GLOBALS['said']);
PHP);
$stream = dial($port);
foreach ([1, 2] as $n) {
    show(raw_request($stream, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 'first'));
    echo json_encode($server->hear()), "\n";
    $said = $server->hear();
}
echo implode("\n", array_slice($said, 0, count($said) / 2)), "\n";
var_dump(stop($server));
?>
--EXPECT--
HTTP/1.1 200 OK
Server: tether-http-server
Connection: keep-alive
Content-Type: text/html
Content-Length: 5

first
[true,false,false,false,false,false,false,false,false,false,false,false]
HTTP/1.1 200 OK
Server: tether-http-server
Connection: keep-alive
Content-Type: text/html
Content-Length: 5

first
[true,false,false,false,false,false,false,false,false,false,false,false]
Swoole\Http\Response::end(): Http request is finished.
Swoole\Http\Response::write(): Http request is finished.
Swoole\Http\Response::header(): Http request is finished.
Swoole\Http\Response::cookie(): Http request is finished.
Swoole\Http\Response::status(): Http request is finished.
Swoole\Http\Response::sendfile(): Http request is finished.
Swoole\Http\Response::redirect(): Http request is finished.
Swoole\Http\Response::initHeader(): Http request is finished.
Swoole\Http\Response::gzip(): Response compression is not implemented yet
int(0)
