--TEST--
redirect() sends the place with 302 or the code that is given, and ends the response
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    $code = (int) ($request->get['code'] ?? 302);
    $first = $response->redirect('/other?x=1', $code);
    tell([$first, $response->redirect('/late'), $response->end()]);
PHP);
show(raw_request($port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
echo json_encode($server->hear()), "\n";
echo http_get($port, '/?code=301')['status'], json_encode($server->hear()), "\n";
echo http_get($port, '/?code=200')['status'], json_encode($server->hear()), "\n";
var_dump(stop($server));
?>
--EXPECT--
HTTP/1.1 302 Found
Location: /other?x=1
Server: tether-http-server
Connection: close
Content-Type: text/html
Content-Length: 0


[true,false,false]
301[true,false,false]
302[false,true,false]
int(0)
