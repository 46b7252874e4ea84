--TEST--
The host of an absolute target goes before the Host header (RFC 9112 section 3.2.2); one that no authority may hold is refused
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../http/program.inc';

[$server, $port] = serve(<<<'PHP'
    $uri = $request->server['request_uri'] . '?' . ($request->server['query_string'] ?? '');
    $response->end(json_encode([$request->header['host'] ?? null, $uri], JSON_UNESCAPED_SLASHES));
PHP);
foreach ([
    '/ HTTP/1.1',
    'http://other.example:81/p?q=1 HTTP/1.1',
    'http://other.example HTTP/1.1',
    'HTTPS://[::1]?x HTTP/1.0',
    'http://user@other.example/ HTTP/1.1',
    'http://other.example#a/ HTTP/1.1',
] as $line) {
    $answer = http_parse(raw_request($port, "GET $line\r\nHost: h\r\nConnection: close\r\n\r\n"));
    echo "$line: ", $answer['status'], ' ', $answer['status'] === 200 ? $answer['body'] : '', "\n";
}
var_dump(stop($server));
?>
--EXPECT--
/ HTTP/1.1: 200 ["h","/?"]
http://other.example:81/p?q=1 HTTP/1.1: 200 ["other.example:81","/p?q=1"]
http://other.example HTTP/1.1: 200 ["other.example","/?"]
HTTPS://[::1]?x HTTP/1.0: 200 ["[::1]","/?x"]
http://user@other.example/ HTTP/1.1: 400 
http://other.example#a/ HTTP/1.1: 400 
int(0)
