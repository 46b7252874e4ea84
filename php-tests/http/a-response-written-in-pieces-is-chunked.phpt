--TEST--
A response written in pieces is chunked, what end() is given included
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    $GLOBALS['said'] = [];
    $response->header('X-A', '1');
    $results = [$response->isWritable(), $response->write('one'), $response->write(''), $response->header('X-B', '2'), $response->cookie('c', 'd'),
        $response->status(404), $response->redirect('/'), $response->write('two2'), $response->isWritable()];
    try {
        $response->sendfile(__FILE__);
    } catch (Swoole\Exception $e) {
        $results[] = $e->getMessage();
    }
    $results[] = $response->end($request->get['last'] ?? null);
    $results[] = $response->write('late');
    $results[] = $response->isWritable();
    tell([$results, $GLOBALS['said']]);
PHP);
$ask = function (string $line) use ($port, $server) {
    show(raw_request($port, "$line\r\nHost: h\r\nConnection: close\r\n\r\n"));
    return $server->hear();
};
foreach ($ask('GET /?last=three HTTP/1.1') as $list) {
    echo json_encode($list, JSON_UNESCAPED_SLASHES), "\n";
}
echo "--- no last piece\n";
$ask('GET / HTTP/1.1');
echo "--- an old client reads to the end\n";
$ask('GET / HTTP/1.0');
echo "--- no body at all\n";
$ask('HEAD / HTTP/1.1');
var_dump(stop($server));
?>
--EXPECT--
HTTP/1.1 200 OK
X-A: 1
Server: tether-http-server
Connection: close
Content-Type: text/html
Transfer-Encoding: chunked

3
one
4
two2
5
three
0


[true,true,false,false,false,false,false,true,true,"sendfile() can not follow write()",true,false,false]
["Swoole\\Http\\Response::write(): The data is empty","Swoole\\Http\\Response::header(): The header has been sent already","Swoole\\Http\\Response::cookie(): The header has been sent already","Swoole\\Http\\Response::status(): The header has been sent already","Swoole\\Http\\Response::redirect(): The header has been sent already","Swoole\\Http\\Response::write(): Http request is finished."]
--- no last piece
HTTP/1.1 200 OK
X-A: 1
Server: tether-http-server
Connection: close
Content-Type: text/html
Transfer-Encoding: chunked

3
one
4
two2
0


--- an old client reads to the end
HTTP/1.1 200 OK
X-A: 1
Server: tether-http-server
Connection: close
Content-Type: text/html

onetwo2
--- no body at all
HTTP/1.1 200 OK
X-A: 1
Server: tether-http-server
Connection: close
Content-Type: text/html
Transfer-Encoding: chunked


int(0)
