--TEST--
A bad chunk and every other malformed request gets 400 (an unknown version 505), behind the answers that are owed, and is never handed to PHP
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../http/program.inc';

[$server, $port] = serve('tell($request->server["path_info"]); $response->end("fine");');
$chunked = "POST /never HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
foreach ([
    'chunk size' => "{$chunked}zz\r\nhello\r\n0\r\n\r\n",
    'empty chunk size' => "{$chunked}\r\nhello\r\n0\r\n\r\n",
    'chunk too long' => "{$chunked}3\r\nhello\r\n0\r\n\r\n",
    'chunk size over 64 bits' => "{$chunked}11111111111111111\r\nhello\r\n0\r\n\r\n",
    'no host' => "GET /never HTTP/1.1\r\n\r\n",
    'two hosts' => "GET /never HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    'two lengths' => "POST /never HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    'length is no number' => "POST /never HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na",
    'length and chunked' => "POST /never HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    'chunked not last' => "POST /never HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    'space before colon' => "GET /never HTTP/1.1\r\nHost : h\r\n\r\n",
    'folded header' => "GET /never HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n",
    'no such version' => "GET /never HTTP/9.1\r\nHost: h\r\n\r\n",
    'no version' => "GET /never\r\n\r\n",
    'bad method' => "G@T /never HTTP/1.1\r\nHost: h\r\n\r\n",
    'nul in header' => "GET /never HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n",
    'tls hello' => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" . str_repeat("\xaa", 32),
] as $case => $bytes) {
    $answer = http_parse(raw_request($port, $bytes));
    echo str_pad($case, 25), $answer['status'], ' ', $answer['headers']['connection'] ?? '-', "\n";
}
$good = "GET /good HTTP/1.1\r\nHost: h\r\n\r\n";
$raw = raw_request($port, $good . "{$chunked}zz\r\n" . $good);
preg_match_all('~HTTP/1.1 (\d+)~', $raw, $found);
echo implode(' ', $found[1]), ' ', $server->hear(), "\n";
echo http_get($port, '/after')['status'], ' ', $server->hear(), "\n";
var_dump(stop($server));
?>
--EXPECT--
chunk size               400 close
empty chunk size         400 close
chunk too long           400 close
chunk size over 64 bits  400 close
no host                  400 close
two hosts                400 close
two lengths              400 close
length is no number      400 close
length and chunked       400 close
chunked not last         400 close
space before colon       400 close
folded header            400 close
no such version          505 close
no version               400 close
bad method               400 close
nul in header            400 close
tls hello                400 close
200 400 /good
200 /after
int(0)
