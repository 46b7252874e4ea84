--TEST--
Connection: close is honoured, among other words and in any case; what comes after it is not read
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../http/program.inc';

[$server, $port] = serve('tell($request->server["path_info"]); $response->end("fine");');
foreach (['close', 'Close', 'x-y, close', 'keep-alive, close'] as $value) {
    $raw = raw_request($port, "GET /a HTTP/1.1\r\nHost: h\r\nConnection: $value\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n");
    $answer = http_parse($raw);
    echo $value, ': ', substr_count($raw, 'HTTP/1.1'), ' ', $answer['headers']['connection'] ?? '-', ' ', $answer['body'], ' ', $server->hear(), "\n";
}
echo http_get($port, '/last')['body'], ' ', $server->hear(), "\n";
var_dump(stop($server));
?>
--EXPECT--
close: 1 close fine /a
Close: 1 close fine /a
x-y, close: 1 close fine /a
keep-alive, close: 1 close fine /a
fine /last
int(0)
