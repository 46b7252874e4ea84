--TEST--
Swoole\Http\Client: addFile() sends files and fields as a form in parts, once; what is no file is told
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$peer = run_php(__DIR__ . '/body_program.inc', ['answer' => base64_encode(response('ok'))]);
$port = $peer->hear();
file_put_contents($text = temp_dir() . '/whole.txt', '0123456789');
file_put_contents($other = temp_dir() . '/other.unheard-of', 'other');
file_put_contents($empty = temp_path('.txt'), '');
$client = new Swoole\Http\Client('127.0.0.1', $port);
foreach ([['/nonexistent', 'f'], [__DIR__, 'f'], [$empty, 'f'], [$text, 'f', null, null, 10], [$text, 'f', null, null, -1], [$text, 'f', null, null, 5, 6]] as $file) {
    var_dump(@$client->addFile(...$file));
}
echo error_get_last()['message'] === "Swoole\Http\Client::addFile(): Unable to add the file '$text': offset 5 and length 6 are not within 10 bytes" ? "told\n" : error_get_last()['message'];
var_dump($client->addFile($text, 'whole'), $client->addFile($text, 'part[x]', 'text/x-mine', "a\"b.txt", 2, 5), $client->addFile($other, 'other'));
echo count($client->uploadFiles), " {$client->uploadFiles[1]['size']}\n";
$client->setData(['a' => ['b c', 'd&='], 'e' => true, 'none' => null]);
$client->setHeaders(['Content-Type' => 'multipart/form-data']);
$shown = function () use ($peer) {
    [$head, $left, , $body] = $peer->hear();
    preg_match('/boundary=(\S+)/', $head, $m);
    echo str_replace([$m[1] ?? "\n\n", "\r"], ['(B)', ''], $head . base64_decode($body)), "\n\n";
};
$client->execute('/upload', function ($client) use ($text, $shown) {
    echo "$client->statusCode $client->body\n";
    $shown();
    var_dump($client->uploadFiles, $client->requestBody, $client->requestMethod);
    // A text cannot go with files.
    $client->addFile($text, 'f');
    var_dump(@$client->post('/', 'text', fn () => null));
    // Nor a file that is gone, or is not what it was.
    file_put_contents($gone = temp_dir() . '/gone', 'x');
    $client->addFile($gone, 'gone');
    file_put_contents($gone, '');
    var_dump(@$client->post('/', [], fn () => null), $client->isConnected());
    unlink($gone);
    $client->uploadFiles = null;
    $client->setMethod('PUT');
    $client->setHeaders(['Content-Type' => '']);
    $client->setData('plain');
    $client->execute('/next', function ($client) use ($shown) {
        $shown();
        $client->close();
    });
});
unset($client);
Swoole\Event::wait();
$peer->stop();
all_gone();
?>
--EXPECT--
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
told
bool(true)
bool(true)
bool(true)
3 5
200 ok
POST /upload HTTP/1.1
Host: 127.0.0.1
Connection: keep-alive
Accept-Encoding: gzip
Content-Type: multipart/form-data; boundary=(B)
Content-Length: 841

--(B)
Content-Disposition: form-data; name="a[0]"

b c
--(B)
Content-Disposition: form-data; name="a[1]"

d&=
--(B)
Content-Disposition: form-data; name="e"

1
--(B)
Content-Disposition: form-data; name="whole"; filename="whole.txt"
Content-Type: text/plain

0123456789
--(B)
Content-Disposition: form-data; name="part[x]"; filename="a%22b.txt"
Content-Type: text/x-mine

23456
--(B)
Content-Disposition: form-data; name="other"; filename="other.unheard-of"
Content-Type: application/octet-stream

other
--(B)--


NULL
NULL
NULL
bool(false)
bool(false)
bool(true)
PUT /next HTTP/1.1
Host: 127.0.0.1
Connection: keep-alive
Accept-Encoding: gzip
Content-Length: 5

plain

no tether is left
