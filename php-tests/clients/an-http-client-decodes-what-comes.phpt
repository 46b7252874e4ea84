--TEST--
Swoole\Http\Client: gzip, deflate and br come decoded; what is broken, or grows without end, is told
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$coded = static fn (string $coding, string $body, string ...$more) => response($body, "Content-Encoding: $coding", ...$more);
$chunked = static fn (string $coding, string $body) => "HTTP/1.1 200 OK\r\nContent-Encoding: $coding\r\nTransfer-Encoding: chunked\r\n\r\n"
    . implode('', array_map(static fn ($piece) => dechex(strlen($piece)) . ";ext=\"1\"\r\n$piece\r\n", str_split($body, 5))) . "0\r\nTrailer: x\r\n\r\n";
// Not every PHP has zlib: three times a line, and 80 MiB of zeros.
$gzip = hex2bin('1f8b0800000000000203cb48cdc9c957c84027b932481407004a0ece1148000000');
$zlib = hex2bin('789ccb48cdc9c957c84027b9304408880300c6b71a2f');
$brotli = hex2bin('1b470000a414407210659cc9a3f23cddad1a');
$bomb = hex2bin('cbffff3f002400e2b14072effff8ffff078004401c1680eefd1fffffff00900088c302d0bdffe3ffff1f001200715800baf77ffcffff034002200e0b40f7fe8fffff7f004800c46101e8defff1ffff0f000980382c00ddfb3ffeffff012001108705a07bffc7ffff3f002400e2b00074effff8ffff078004401c1680eefddf');
$answers = [
    'gzip' => $chunked('gzip', $gzip),
    'x-gzip until the end' => "HTTP/1.1 200 OK\r\nContent-Encoding: X-GZIP\r\n\r\n" . $gzip,
    'zlib' => $coded('deflate', $zlib),
    'raw deflate' => $coded('deflate', substr($zlib, 2, -4)),
    'br' => $coded('br', $brotli),
    'identity' => $coded('identity', 'as it is'),
    'unknown' => $coded('zstd', 'as it came'),
    'nothing' => $coded('gzip', ''),
    'not modified' => "HTTP/1.1 304 Not Modified\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n",
    'cut' => $coded('gzip', substr($gzip, 0, -3)),
    'broken' => $coded('gzip', 'no gzip at all'),
    'a bomb' => $coded('br', $bomb),
];
$told = [];
foreach ($answers as $name => $answer) {
    $peers[] = $peer = peer(['answer' => $answer, 'after' => 1, 'by' => 'half']);
    $client = new Swoole\Http\Client('127.0.0.1', $peer->where);
    $client->set(['timeout' => 10 * patience()]);
    $client->get('/', function ($client) use ($name, &$told) {
        $body = $client->body === str_repeat("hello hello hello hello\n", 3) ? 'hello' : json_encode($client->body);
        $told[$name] = "$client->statusCode/$client->errCode $body {$client->errMsg}";
        @$client->close();
    });
}
unset($client);
Swoole\Event::wait();
foreach ($answers as $name => $_) {
    echo "$name: ", rtrim($told[$name]), "\n";
}
all_gone();

?>
--EXPECT--
gzip: 200/0 hello
x-gzip until the end: 200/0 hello
zlib: 200/0 hello
raw deflate: 200/0 hello
br: 200/0 hello
identity: 200/0 "as it is"
unknown: 200/0 "as it came"
nothing: 200/0 ""
not modified: 304/0 ""
cut: -3/104 "" The peer broke the protocol
broken: -3/104 "" The peer broke the protocol
a bomb: -3/1201 "" the package is too large
no tether is left
