--TEST--
Swoole\Http\Client: interim answers, HEAD, 204, trailers and redirects are read as HTTP says, redirects not followed
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

// One connection, one answer after the other.
$server = run_php(<<<'PHP'
<?php
$listener = stream_socket_server('tcp://127.0.0.1:0');
tell((int) substr(strrchr(stream_socket_get_name($listener, false), ':'), 1));
$stream = stream_socket_accept($listener, 3600);
foreach ($answers as $answer) {
    $got = '';
    while (!str_contains($got, "\r\n\r\n")) {
        $got .= fread($stream, 65536);
    }
    tell(strtok($got, "\r\n") . (preg_match('/^Expect: \S+/m', $got, $m) ? ", $m[0]" : ''));
    fwrite($stream, $answer);
}
PHP, ['answers' => [
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" . response('after the interim ones'),
    "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nX-Head: only\r\n\r\n",
    "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 5\r\n\r\nmoved",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;name=\"val;ue\"\r\nin \r\n0006;x\r\npieces\r\n0\r\nTrailer: dropped\r\n\r\n",
    "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nold",
    "HTTP/1.1 499 Whatever\r\n\r\nup to the end",
]]);
$client = new Swoole\Http\Client('127.0.0.1', $server->hear());
$client->on('close', function ($client) { echo "closed $client->errCode\n"; });
$asked = [['POST', ['Expect' => '100-continue']], ['HEAD', ['Expect' => '']], ['DELETE'], ['GET'], ['GET'], ['GET'], ['GET']];
$ask = function ($client) use (&$ask, &$asked) {
    if ($client->statusCode !== 0) {
        echo $client->statusCode, ' ', json_encode($client->body), ' ', $client->headers['location'] ?? $client->headers['x-head'] ?? '-', "\n";
    }
    if ($asked === []) {
        return;
    }
    [$method, $headers] = array_shift($asked) + [1 => []];
    $client->setMethod($method);
    $client->setHeaders($headers);
    if ($method === 'POST') {
        $client->setData('body');
    }
    $client->execute('/', $ask);
};
$ask($client);
Swoole\Event::wait();
// A closure that holds itself is the collector's.
$ask = null;
while (($heard = $server->hear()) !== null) {
    echo "$heard\n";
}
all_gone();
?>
--EXPECT--
200 "after the interim ones" -
200 "" only
204 "" -
302 "moved" /elsewhere
200 "in pieces" -
200 "old" -
499 "up to the end" -
closed 0
POST / HTTP/1.1, Expect: 100-continue
HEAD / HTTP/1.1
DELETE / HTTP/1.1
GET / HTTP/1.1
GET / HTTP/1.1
GET / HTTP/1.1
GET / HTTP/1.1
no tether is left
