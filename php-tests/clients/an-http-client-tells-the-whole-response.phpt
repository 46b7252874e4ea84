--TEST--
The response of a request stands in the client's properties when its callback is called
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$peer = answering_peer(response('the body', 'X-One: 1', 'Set-Cookie: id=a%20b; Path=/', 'Set-Cookie: lang=en'));
$client = new swoole_http_client('127.0.0.1', $peer->where);
$client->setHeaders(['X-Mine' => 'yes', 'Gone' => '']);
$client->setHeaders(['X-More' => 5]);
$client->setCookies(['mine' => 'x y']);
var_dump($client->statusCode, $client->body, $client->isConnected());
var_dump($client->post('/path?q=1', ['a' => ['b', 'c d'], 'e' => 'f'], function ($client) use ($peer) {
    echo $peer->saw('data')[2], "\n\n";
    echo "$client->statusCode $client->body ", json_encode($client->headers), "\n";
    echo json_encode($client->set_cookie_headers), ' ', json_encode($client->cookies), "\n";
    var_dump($client->isConnected(), $client->errCode, $client->requestBody);
    $client->setMethod('delete');
    $client->setData('plain');
    $client->execute('/second', function ($client) use ($peer) {
        echo $peer->saw('data')[2], "\n";
        var_dump($client->setMethod('NONSENSE'));
        var_dump($client->close());
    });
    var_dump($client->statusCode, $client->body, $client->headers);
}));
var_dump($client->get('/', fn () => null));
var_dump($client->get('/ /', fn () => null));
after_loop(fn () => all_gone());
unset($client);
?>
--EXPECTF--
int(0)
string(0) ""
bool(false)
bool(true)

Warning: Swoole\Http\Client::get(): Operation now in progress: the response to another request is waited for in %s on line %d
bool(false)

Warning: Swoole\Http\Client::get(): Operation now in progress: the response to another request is waited for in %s on line %d
bool(false)
POST /path?q=1 HTTP/1.1
Host: 127.0.0.1
Connection: keep-alive
Accept-Encoding: gzip
X-Mine: yes
X-More: 5
Cookie: mine=x%20y
Content-Type: application/x-www-form-urlencoded
Content-Length: 27

a%5B0%5D=b&a%5B1%5D=c+d&e=f

200 the body {"x-one":"1","set-cookie":"lang=en","content-length":"8"}
["id=a%20b; Path=\/","lang=en"] {"mine":"x y","id":"a b","lang":"en"}
bool(true)
int(0)
NULL
int(0)
string(0) ""
NULL
DELETE /second HTTP/1.1
Host: 127.0.0.1
Connection: keep-alive
Accept-Encoding: gzip
X-Mine: yes
X-More: 5
Cookie: mine=x%20y; id=a%20b; lang=en
Content-Length: 5

plain

Warning: Swoole\Http\Client::setMethod(): Unknown method 'NONSENSE' in %s on line %d
bool(false)
bool(true)
no tether is left
