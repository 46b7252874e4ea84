--TEST--
https against nginx: asynchronous with keep-alive, synchronous by hand, a large body
--EXTENSIONS--
tether
--SKIPIF--
<?php
require __DIR__ . '/../_support/harness.inc';
skip_without('openssl', 'nginx');
?>
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

[$certificate, $key] = certificate('deep');
$port = free_port();
$big = temp_path();
file_put_contents($big, random_bytes(3 << 20));
$folder = dirname($big);
$name = basename($big);
nginx_start(http: "server { listen 127.0.0.1:$port ssl; ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate $certificate; ssl_certificate_key $key;
    location /big { alias $folder/$name; }
    location / { default_type text/plain; return 200 \"\$request_method \$uri \$ssl_protocol \$ssl_server_name\"; } }");
$trusted = ['ssl_cafile' => authority(), 'timeout' => 5 * patience()];

$http = new Swoole\Http\Client('localhost', $port, true);
var_dump($http->ssl);
$http->set($trusted);
$http->on('close', fn () => print("closed\n"));
$http->get('/one', function ($http) use ($big) {
    echo "$http->statusCode $http->body\n";
    $sock = $http->sock;
    $http->post('/two', ['a' => 'b'], function ($http) use ($sock, $big) {
        echo "$http->statusCode $http->body ", $http->sock === $sock ? 'same connection' : 'another', "\n";
        $http->get('/big', function ($http) use ($big) {
            var_dump($http->statusCode, $http->body === file_get_contents($big));
            $http->close();
        });
    });
});
unset($http);
Swoole\Event::wait();

$http = new Swoole\Http\Client('localhost', $port, true);
$http->set(['ssl_method' => SWOOLE_TLSv1_2_METHOD] + $trusted);
$http->get('/old', function ($http) {
    echo "$http->statusCode $http->body\n";
    $http->close();
});
unset($http);
$http = new Swoole\Http\Client('localhost', $port, true);
$http->get('/', fn ($http) => print("$http->statusCode $http->errCode $http->errMsg\n"));
unset($http);
Swoole\Event::wait();

$client = new Swoole\Client(SWOOLE_TCP | SWOOLE_SSL | SWOOLE_KEEP);
$client->set($trusted = ['ssl_cafile' => authority()]);
$client->connect('localhost', $port, 5 * patience());
$client->send("GET /three HTTP/1.1\r\nHost: localhost\r\n\r\n");
echo strrchr($client->recv(), "\n"), "\n";
$client->close();
// The same connection again, but not for one who verifies less.
$lax = new Swoole\Client(SWOOLE_TCP | SWOOLE_SSL | SWOOLE_KEEP);
$lax->set(['ssl_verify_peer' => false]);
$lax->connect('localhost', $port, 5 * patience());
$client->connect('localhost', $port, 5 * patience());
var_dump($lax->reuse, $client->reuse);
$client->send("GET /four HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
echo strrchr($client->recv(), "\n"), "\n";
var_dump($client->recv(), $client->errCode);
$client->close(true);
$lax->close(true);
echo ledger_empty() ? "nothing is left\n" : '';
?>
--EXPECT--
bool(true)
200 GET /one TLSv1.3 localhost
200 POST /two TLSv1.3 localhost same connection
int(200)
bool(true)
closed
-1 1012 The peer's certificate is signed by an unknown authority
200 GET /old TLSv1.2 localhost

GET /three TLSv1.3 localhost
bool(false)
bool(true)

GET /four TLSv1.3 localhost
string(0) ""
int(0)
nothing is left
