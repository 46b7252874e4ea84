--TEST--
Response headers keep their order, the last value of a name wins, and cookies are all sent
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    $seen = [$response->header, $response->cookie, $response->trailer];
    $response->header('x-one', '1');
    $seen[] = $response->header;
    $response->header('X-two', '2');
    $response->header('X-ONE', 3);
    $response->header('etag-LIKE', '"x"', false);
    $response->header('content-type', 'text/plain');
    $response->cookie('first', 'a b;c', 1700000000, '/p', 'example.org', true, true, 'Lax');
    $response->rawCookie('second', 'a%20b');
    $response->rawcookie('first', 'again');
    $response->cookie('gone');
    $results = [$response->header('content-length', '99'), $response->cookie('bad name', 'x'), $response->rawCookie('x', "a\r\nb"),
        $response->header('X-Long', str_repeat('v', 4097)), $response->header(str_repeat('n', 128), 'v'),
        $response->cookie('x', 'y', 253402300800)];
    tell([$seen, $response->header, $response->cookie, $results, $GLOBALS['said']]);
    $response->end('body');
PHP);
show(raw_request($port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
foreach ($server->hear() as $seen) {
    echo json_encode($seen, JSON_UNESCAPED_SLASHES), "\n";
}
var_dump(stop($server));
?>
--EXPECT--
HTTP/1.1 200 OK
X-One: 3
X-Two: 2
etag-LIKE: "x"
Content-Type: text/plain
Server: tether-http-server
Connection: close
Content-Length: 4
Set-Cookie: first=a%20b%3Bc; expires=Tue, 14-Nov-2023 22:13:20 GMT; path=/p; domain=example.org; secure; httponly; SameSite=Lax
Set-Cookie: second=a%20b
Set-Cookie: first=again
Set-Cookie: gone=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT

body
[null,null,null,{"X-One":"1"}]
{"X-One":"3","X-Two":"2","etag-LIKE":"\"x\"","Content-Type":"text/plain"}
["first=a%20b%3Bc; expires=Tue, 14-Nov-2023 22:13:20 GMT; path=/p; domain=example.org; secure; httponly; SameSite=Lax","second=a%20b","first=again","gone=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT"]
[null,false,false,false,false,false]
["Swoole\\Http\\Response::cookie(): Unable to set cookie: cookie name holds a character that it must not","Swoole\\Http\\Response::rawCookie(): Unable to set cookie: cookie value holds a character that it must not","Swoole\\Http\\Response::header(): Unable to set header 'X-Long': header value is too long","Swoole\\Http\\Response::header(): Unable to set header 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn': header name is too long","Swoole\\Http\\Response::cookie(): Unable to set cookie: cookie expires after the year 9999"]
int(0)
