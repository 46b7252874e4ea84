--TEST--
A request that comes byte by byte is one request: with a length and in chunks
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../http/program.inc';

[$server, $port] = serve(<<<'PHP'
    $GLOBALS['seen'] = ($GLOBALS['seen'] ?? 0) + 1;
    $response->end($GLOBALS['seen'] . json_encode([$request->header['x-a'], $request->get, $request->rawContent()]) . "\n");
PHP);

$stream = dial($port);
foreach ([
    "POST /one?a=b HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nContent-Length: 5\r\n\r\nhello",
    "POST /two?c[]=d HTTP/1.1\r\nHost: h\r\nX-A: 2\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX-T: t\r\n\r\n",
    "\r\nGET /three HTTP/1.1\r\nHost: h\r\nX-A: 3\r\n\r\n",
] as $request) {
    $answer = raw_request($stream, str_split($request), "]\n");
    echo substr($answer, 9, 6), ' ', explode("\r\n\r\n", $answer, 2)[1];
}
var_dump(stop($server));
?>
--EXPECT--
200 OK 1["1",{"a":"b"},"hello"]
200 OK 2["2",{"c":["d"]},"hello"]
200 OK 3["3",null,false]
int(0)
