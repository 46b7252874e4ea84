--TEST--
Swoole\Http\Client: download() writes a 2xx body to its file, at an offset too, and tells what the disk says
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$file = temp_path('.bin');
$descriptors = fd_count();
$get = function (string $name, string $answer, string $to, int $offset = 0, array $headers = []) use ($file): void {
    $peer = peer(['answer' => $answer, 'after' => 1, 'by' => 'half']);
    $client = new Swoole\Http\Client('127.0.0.1', $peer->where);
    $client->setHeaders($headers);
    $client->on('close', function ($client) use ($name) { echo "$name: closed $client->errCode\n"; });
    var_dump($client->download('/file', $to, function ($client) use ($name) {
        echo "$name: $client->statusCode/$client->errCode ", json_encode($client->body), json_encode($client->downloadFile), " $client->errMsg.\n";
        @$client->close();
    }, $offset));
    var_dump($client->downloadFile === $to);
    Swoole\Event::wait();
    $sent = $peer->saw('data')[2];
    echo preg_match('/^(Range|Accept-Encoding): .*$/m', $sent, $m) ? "$m[0]\n" : '';
    echo json_encode(@file_get_contents($file)), "\n";
};
file_put_contents($file, 'what stood there before');
$get('whole', response('the body'), $file);
$get('from an offset', "HTTP/1.1 206 Partial\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nBODY", $file, 4, ['Range' => 'bytes=4-']);
$get('until the end', "HTTP/1.1 200 OK\r\n\r\nall of it", $file);
$get('gone', "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nsorry", $file);
$get('cut', "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\na part", $file);
$get('no folder', response('x'), '/nonexistent/file');
$get('no room', response('x'), '/dev/full');
$client = new Swoole\Http\Client('127.0.0.1', 1);
foreach ([['', 0], ["a\0b", 0], [$file, -1]] as [$to, $offset]) {
    try {
        $client->download('/', $to, fn () => null, $offset);
    } catch (ValueError $e) {
        echo $e->getMessage(), "\n";
    }
}
all_gone();
?>
--EXPECT--
bool(true)
bool(true)
whole: 200/0 ""null .
whole: closed 0
Accept-Encoding: gzip
"the body"
bool(true)
bool(true)
from an offset: 206/0 ""null .
from an offset: closed 0
Range: bytes=4-
"the BODY"
bool(true)
bool(true)
until the end: 200/0 ""null .
until the end: closed 0
Accept-Encoding: gzip
"all of it"
bool(true)
bool(true)
gone: 404/0 "sorry"null .
gone: closed 0
Accept-Encoding: gzip
"all of it"
bool(true)
bool(true)
cut: -3/104 ""null Connection reset by peer.
cut: closed 104
Accept-Encoding: gzip
"a part"
bool(true)
bool(true)
no folder: -3/2 ""null No such file or directory.
no folder: closed 2
Accept-Encoding: gzip
"a part"
bool(true)
bool(true)
no room: -3/28 ""null No space left on device.
no room: closed 28
Accept-Encoding: gzip
"a part"
Swoole\Http\Client::download(): Argument #2 ($file) must be the name of a file
Swoole\Http\Client::download(): Argument #2 ($file) must be the name of a file
Swoole\Http\Client::download(): Argument #4 ($offset) must be 0 or greater
no tether is left
