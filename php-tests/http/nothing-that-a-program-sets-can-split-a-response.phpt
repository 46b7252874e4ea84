--TEST--
Nothing that a program sets can split a response: line ends are refused wherever they stand
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    $evil = "x\r\nX-Evil: yes";
    tell([
        $response->header('X-A', $evil), $response->header("X-B\r\nX-Evil", 'v'), $response->header("X-C", "a\nX-Evil: b"),
        $response->header("X-D", "nul\0"), $response->header('', 'v'), $response->header('X E', 'v'),
        $response->cookie("n\r\nX-Evil", 'v'), $response->rawCookie('n', $evil), $response->rawCookie('n', 'v', 0, $evil),
        $response->rawCookie('n', 'v', 0, '', $evil), $response->rawCookie('n', 'v', 0, '', '', false, false, $evil),
        $response->status(200, $evil), $response->redirect("/\r\nX-Evil: yes"), $response->header('Content-Length', '1x'),
        count($GLOBALS['said']),
    ]);
    $response->header('Transfer-Encoding', 'chunked');
    $response->cookie('fine', $evil);
    $response->end('ok');
PHP);
show(raw_request($port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
echo json_encode($server->hear()), "\n";
var_dump(stop($server));
?>
--EXPECT--
HTTP/1.1 200 OK
Server: tether-http-server
Connection: close
Content-Type: text/html
Content-Length: 2
Set-Cookie: fine=x%0D%0AX-Evil%3A%20yes

ok
[false,false,false,false,false,false,false,false,false,false,false,false,false,false,14]
int(0)
