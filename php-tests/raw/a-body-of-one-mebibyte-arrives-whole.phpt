--TEST--
A body of one mebibyte arrives whole, by length and in chunks, and one goes back
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../http/program.inc';

[$server, $port] = serve(<<<'PHP'
    $body = $request->rawContent();
    $response->header('X-Length', (string) strlen($body));
    $response->header('X-Hash', md5($body));
    $response->end(strrev($body));
PHP);

$body = '';
for ($i = 0; strlen($body) < 1 << 20; $i++) {
    $body .= md5((string) $i, true);
}
$answer = http_post($port, '/', $body, ['Content-Type' => 'application/octet-stream']);
var_dump($answer['headers']['x-length'], $answer['headers']['x-hash'] === md5($body), $answer['body'] === strrev($body));

$chunks = '';
foreach (str_split($body, 10007) as $piece) {
    $chunks .= dechex(strlen($piece)) . "\r\n$piece\r\n";
}
$answer = http_request($port, 'PUT', '/', ['Transfer-Encoding' => 'chunked'], "{$chunks}0\r\n\r\n");
var_dump($answer['headers']['x-length'], $answer['headers']['x-hash'] === md5($body), $answer['body'] === strrev($body));
var_dump(stop($server));
?>
--EXPECT--
string(7) "1048576"
bool(true)
bool(true)
string(7) "1048576"
bool(true)
bool(true)
int(0)
