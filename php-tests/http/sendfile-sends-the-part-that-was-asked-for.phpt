--TEST--
sendfile() sends a file or a part of it, with the type that its name tells, and refuses what is not there
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

$folder = temp_dir();
file_put_contents("$folder/a.txt", '0123456789');
file_put_contents("$folder/b.json", '{}');
file_put_contents("$folder/c.unknown-kind", 'c');
file_put_contents("$folder/empty.txt", '');
file_put_contents("$folder/big.bin", str_repeat('0123456789abcdef', 300000));

[$server, $port] = serve(<<<'PHP'
    global $folder;
    $g = $request->get;
    if (isset($g['type'])) {
        $response->header('content-type', $g['type']);
    }
    $GLOBALS['said'] = [];
    $sent = $response->sendfile("$folder/$g[f]", (int) ($g['o'] ?? 0), (int) ($g['l'] ?? 0));
    if (!$sent) {
        $response->end('refused: ' . str_replace($folder, '', implode($GLOBALS['said'])));
    } else {
        $response->end('again');
    }
PHP, '', ['folder' => $folder]);

$big = http_get($port, '/?f=big.bin');
var_dump(strlen($big['body']), md5($big['body']) === md5_file("$folder/big.bin"), $big['headers']['content-length']);
foreach (['f=a.txt', 'f=a.txt&o=3', 'f=a.txt&o=3&l=4', 'f=a.txt&l=10', 'f=a.txt&o=9', 'f=b.json', 'f=c.unknown-kind',
    'f=a.txt&type=x/y', 'f=a.txt&o=10', 'f=a.txt&o=5&l=6', 'f=a.txt&o=-1', 'f=a.txt&l=-1', 'f=empty.txt', 'f=none.txt', 'f='] as $query) {
    $answer = http_get($port, "/?$query");
    echo "$query: {$answer['status']} {$answer['headers']['content-type']} {$answer['body']}\n";
}
echo "--- without a body\n";
$answer = http_request($port, 'HEAD', '/?f=a.txt');
var_dump($answer['headers']['content-length'], $answer['body']);
var_dump(stop($server));
?>
--EXPECT--
int(4800000)
bool(true)
string(7) "4800000"
f=a.txt: 200 text/plain 0123456789
f=a.txt&o=3: 200 text/plain 3456789
f=a.txt&o=3&l=4: 200 text/plain 3456
f=a.txt&l=10: 200 text/plain 0123456789
f=a.txt&o=9: 200 text/plain 9
f=b.json: 200 application/json {}
f=c.unknown-kind: 200 text/html c
f=a.txt&type=x/y: 200 x/y 0123456789
f=a.txt&o=10: 200 text/html refused: Swoole\Http\Response::sendfile(): Unable to send the file '/a.txt': offset 10 and length 0 are not within 10 bytes
f=a.txt&o=5&l=6: 200 text/html refused: Swoole\Http\Response::sendfile(): Unable to send the file '/a.txt': offset 5 and length 6 are not within 10 bytes
f=a.txt&o=-1: 200 text/html refused: Swoole\Http\Response::sendfile(): Unable to send the file '/a.txt': offset -1 and length 0 are not within 10 bytes
f=a.txt&l=-1: 200 text/html refused: Swoole\Http\Response::sendfile(): Unable to send the file '/a.txt': offset 0 and length -1 are not within 10 bytes
f=empty.txt: 200 text/html refused: Swoole\Http\Response::sendfile(): Unable to send the file '/empty.txt': it is empty
f=none.txt: 200 text/html refused: Swoole\Http\Response::sendfile(): Unable to send the file '/none.txt': No such file or directory (os error 2)
f=: 200 text/html refused: Swoole\Http\Response::sendfile(): Unable to send the file '/': it is no regular file
--- without a body
string(2) "10"
string(0) ""
int(0)
