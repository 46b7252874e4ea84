--TEST--
A request gives its raw body and its whole text; false when there is no body
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    $response->end(serialize([$request->rawContent(), $request->getContent(), $request->getData(), $request->post]));
PHP);
$ask = fn (string $text) => unserialize(http_parse(raw_request($port, $text))['body']);

$text = "POST /p HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"a\":\"\0\"}";
[$raw, $content, $data, $post] = $ask($text);
var_dump($raw === "{\"a\":\"\0\"}", $content === $raw, $data === $text, $post);

echo "--- no body\n";
$text = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
[$raw, $content, $data] = $ask($text);
var_dump($raw, $content, $data === $text);

echo "--- in chunks\n";
$head = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
    . "Content-Type: application/x-www-form-urlencoded\r\n\r\n";
[$raw, , $data, $post] = $ask("{$head}3\r\na=b\r\n4\r\n&c=d\r\n0\r\n\r\n");
var_dump($raw, $data === "{$head}a=b&c=d", json_encode($post));

echo "--- made by hand\n";
$own = new Swoole\Http\Request();
var_dump($own->rawContent(), $own->getData(), $own->header);
var_dump(stop($server));
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
NULL
--- no body
bool(false)
bool(false)
bool(true)
--- in chunks
string(7) "a=b&c=d"
bool(true)
string(17) "{"a":"b","c":"d"}"
--- made by hand
bool(false)
bool(false)
NULL
int(0)
