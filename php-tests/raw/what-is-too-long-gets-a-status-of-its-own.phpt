--TEST--
A request line that is too long gets 414, a head 431, a body 413, and the connection ends; just under is taken
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../http/program.inc';

[$server, $port] = serve('$response->end((string) strlen($request->rawContent()));', '$serv->set(["package_max_length" => 65536]);');
$post = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n";
$many = function (int $n, int $length) {
    $lines = '';
    for ($i = 0; $i < $n; $i++) {
        $lines .= "X-$i: " . str_repeat('v', $length) . "\r\n";
    }
    return $lines;
};
$chunks = fn (int $n) => str_repeat("1000\r\n" . str_repeat('c', 4096) . "\r\n", $n) . "0\r\n\r\n";
foreach ([
    'line' => ['GET /' . str_repeat('a', 9000) . " HTTP/1.1\r\nHost: h\r\n\r\n"],
    'line without an end' => ['GET /' . str_repeat('a', 9000)],
    'method' => [str_repeat('M', 9000)],
    'line under' => ['GET /' . str_repeat('a', 8000) . " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"],
    'header' => [$post . $many(1, 9000) . "\r\n"],
    'header under' => [$post . $many(1, 8000) . "\r\n"],
    'header without an end' => [$post . 'X: ' . str_repeat('v', 70000)],
    'head' => [$post . $many(9, 8000) . "\r\n"],
    'many headers' => [$post . $many(130, 3) . "\r\n"],
    'body by length' => ["{$post}Content-Length: 65537\r\n\r\n"],
    'body by a huge length' => ["{$post}Content-Length: 99999999999999999999999\r\n\r\n"],
    'body under' => ["{$post}Content-Length: 65536\r\n\r\n" . str_repeat('b', 65536)],
    'body in chunks' => ["{$post}Transfer-Encoding: chunked\r\n\r\n" . $chunks(17)],
    'body in chunks under' => ["{$post}Transfer-Encoding: chunked\r\n\r\n" . $chunks(16)],
    'a huge chunk' => ["{$post}Transfer-Encoding: chunked\r\n\r\nffffffff\r\n"],
    'trailers' => ["{$post}Transfer-Encoding: chunked\r\n\r\n0\r\n" . $many(20, 2000) . "\r\n"],
    'chunk extensions' => ["{$post}Transfer-Encoding: chunked\r\n\r\n" . str_repeat('1;' . str_repeat('e', 2000) . "\r\nx\r\n", 20)],
] as $case => $pieces) {
    $answer = http_parse(raw_request($port, $pieces));
    echo str_pad($case, 24), $answer['status'], ' ', $answer['headers']['connection'] ?? '-', ' ', trim(strip_tags($answer['body'])), "\n";
}
echo http_get($port)['status'], "\n";
var_dump(stop($server));
?>
--EXPECT--
line                    414 close 414 URI Too Long
line without an end     414 close 414 URI Too Long
method                  414 close 414 URI Too Long
line under              200 close 0
header                  431 close 431 Request Header Fields Too Large
header under            200 close 0
header without an end   431 close 431 Request Header Fields Too Large
head                    431 close 431 Request Header Fields Too Large
many headers            431 close 431 Request Header Fields Too Large
body by length          413 close 413 Content Too Large
body by a huge length   413 close 413 Content Too Large
body under              200 close 65536
body in chunks          413 close 413 Content Too Large
body in chunks under    200 close 65536
a huge chunk            413 close 413 Content Too Large
trailers                431 close 431 Request Header Fields Too Large
chunk extensions        400 close 400 Bad Request
200
int(0)
