--TEST--
Proxies: synchronous and asynchronous, with a login, in front of TLS; what they refuse has its number
--EXTENSIONS--
tether
--SKIPIF--
<?php
require __DIR__ . '/../_support/harness.inc';
skip_without('openssl');
?>
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

$plain = peer(['answer' => true, 'quiet' => true]);
$tls = tls_peer(['answer' => true, 'quiet' => true]);
$login = ['user' => 'ann', 'password' => 'secret'];

/** Asks through a proxy, in both ways, and tells what came of it. */
function ask(string $name, Peer $proxy, string $option, Peer $peer, array $options, bool $tls = false): void
{
    $options += ["{$option}_host" => '127.0.0.1', "{$option}_port" => $proxy->where, 'ssl_cafile' => authority()];
    $type = SWOOLE_TCP | ($tls ? SWOOLE_SSL : 0);
    $client = new Swoole\Client($type);
    $client->set($options);
    $sync = @$client->connect('peer.test', $peer->where, 5 * patience()) && $client->send('hello')
        ? $client->recv(5, Swoole\Client::MSG_WAITALL) : "$client->errCode $client->errMsg";
    unset($client);
    $async = null;
    $client = new Swoole\Client($type | SWOOLE_ASYNC);
    $client->set($options);
    $client->on('connect', fn ($client) => $client->send('hello'));
    $client->on('receive', function ($client, $data) use (&$async) { $async = $data; $client->close(); });
    $client->on('error', function ($client) use (&$async) { $async = "$client->errCode $client->errMsg"; });
    $client->on('close', fn () => null);
    $client->connect('peer.test', $peer->where, 5 * patience());
    unset($client);
    Swoole\Event::wait();
    echo "$name: ", $sync === $async ? $sync : "$sync, but $async", "\n";
}

foreach (['socks5' => ['socks5', 'socks5_username', 'socks5_password'], 'http' => ['http_proxy', 'http_proxy_user', 'http_proxy_password']] as $kind => [$option, $user, $password]) {
    echo "$kind\n";
    $proxy = proxy_peer(['kind' => $kind]);
    ask('plain', $proxy, $option, $plain, []);
    $asked = $proxy->saw('asked');
    echo str_replace((string) $plain->where, 'PORT', $asked[1]), "\n";
    ask('TLS', $proxy, $option, $tls, [], true);
    ask('TLS without trust', $proxy, $option, $tls, ['ssl_cafile' => certificate('stranger')[0]], true);
    $proxy->stop();
    $proxy = proxy_peer(['kind' => $kind, 'quiet' => true] + $login);
    ask('the right login', $proxy, $option, $plain, [$user => 'ann', $password => 'secret']);
    if ($kind === 'http') {
        ask('the other name of the user', $proxy, $option, $plain, ['http_proxy_username' => 'ann', $password => 'secret']);
    }
    ask('the wrong login', $proxy, $option, $plain, [$user => 'ann', $password => 'guess']);
    ask('no login', $proxy, $option, $plain, []);
    $proxy->stop();
    foreach ($kind === 'http' ? [502] : [2, 5] as $reason) {
        $proxy = proxy_peer(['kind' => $kind, 'quiet' => true, 'refuses' => $reason]);
        ask('refused', $proxy, $option, $plain, []);
        $proxy->stop();
    }
    $proxy = peer(['answer' => "SSH-2.0-nobody\r\n\r\n", 'quiet' => true]);
    ask('no proxy', $proxy, $option, $plain, []);
}
$client = new Swoole\Client(SWOOLE_TCP);
foreach (['socks5', 'http_proxy'] as $option) {
    $client = new Swoole\Client(SWOOLE_TCP);
    $client->set(["{$option}_host" => '127.0.0.1']);
    try {
        $client->connect('127.0.0.1', $plain->where);
    } catch (ValueError $e) {
        echo $e->getMessage(), "\n";
    }
}
echo "a name that is none: ";
var_dump(@(new Swoole\Client(SWOOLE_TCP))->connect("peer.test\r\nX: y", 80));
?>
--EXPECT--
socks5
plain: hello
peer.test:PORT
TLS: hello
TLS without trust: 1012 The peer's certificate is signed by an unknown authority
the right login: hello
the wrong login: 7003 The proxy refused the user or the password
no login: 7002 The proxy takes none of the ways to log in
refused: 7004 The SOCKS5 proxy could not connect: not allowed by its rules
refused: 7004 The SOCKS5 proxy could not connect: connection refused
no proxy: 7001 The proxy does not speak SOCKS5
http
plain: hello
peer.test:PORT
TLS: hello
TLS without trust: 1012 The peer's certificate is signed by an unknown authority
the right login: hello
the other name of the user: hello
the wrong login: 7003 The proxy refused the user or the password
no login: 7003 The proxy refused the user or the password
refused: 8001 The HTTP proxy answered with status 502
no proxy: 8001 The HTTP proxy's answer is malformed
option "socks5_host" needs "socks5_port" too
option "http_proxy_host" needs "http_proxy_port" too
a name that is none: bool(false)
