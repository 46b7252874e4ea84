--TEST--
A failure of TLS names its reason, synchronous and asynchronous alike
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

$trusted = ['ssl_cafile' => authority()];
[$certificate, $key] = certificate('client');
$own = ['ssl_cert_file' => $certificate, 'ssl_key_file' => $key];
[$certificate_of_nobody, $its_key] = certificate('self');
$foreign = ['ssl_cert_file' => $certificate_of_nobody, 'ssl_key_file' => $its_key];
$depth = ['ssl_verify_depth' => 0] + $trusted;
mkdir($folder = temp_path('.cas'));
copy(authority(), "$folder/authority.pem");
openssl('rehash', $folder);
$rows = [
    'trusted' => [[], $trusted],
    'by nobody that is known' => [[], []],
    'expired' => [['certificate' => 'expired'], $trusted],
    'for another name' => [['certificate' => 'other'], $trusted],
    'for the name that is asked for' => [['certificate' => 'other'], ['ssl_host_name' => 'other.test'] + $trusted],
    'by its other name' => [['certificate' => 'other'], ['tls_host_name' => 'other.test'] + $trusted],
    'by a folder' => [[], ['ssl_capath' => $folder]],
    'by itself' => [['certificate' => 'self'], $trusted],
    'by itself, which is allowed' => [['certificate' => 'self'], ['ssl_allow_self_signed' => true]],
    'by itself, and is trusted' => [['certificate' => 'self'], ['ssl_cafile' => certificate('self')[0]]],
    'expired, by itself allowed' => [['certificate' => 'expired'], ['ssl_allow_self_signed' => true] + $trusted],
    'of a stranger' => [['certificate' => 'stranger'], $trusted],
    'of a stranger, allowed by itself' => [['certificate' => 'stranger'], ['ssl_allow_self_signed' => true] + $trusted],
    'of a stranger, unverified' => [['certificate' => 'stranger'], ['ssl_verify_peer' => false]],
    'with a chain' => [['certificate' => 'deep'], $trusted],
    'with too long a chain' => [['certificate' => 'deep'], $depth],
    'TLS 1.2 there' => [['version' => '1.2'], $trusted],
    'TLS 1.2 here' => [[], ['ssl_method' => SWOOLE_TLSv1_2_METHOD] + $trusted],
    'TLS 1.1 there' => [['version' => '1.1'], $trusted],
    'TLS 1.3 there, 1.2 here' => [['version' => '1.3'], ['ssl_method' => SWOOLE_TLSv1_2_METHOD] + $trusted],
    'no TLS' => [['handshake' => 'plain'], $trusted],
    'closes' => [['handshake' => 'drop'], $trusted],
    'refuses a certificate' => [['wants' => true, 'version' => '1.2'], $foreign + $trusted],
    'wants a certificate and gets it' => [['wants' => true], $own + $trusted],
];
foreach ($rows as $name => [$does, $options]) {
    $peer = tls_peer($does);
    $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_SSL);
    $client->set($options);
    $stood = @$client->connect('127.0.0.1', $peer->where, 5 * patience());
    $sync = $stood ? 'stands' : "$client->errCode $client->errMsg";
    unset($client);
    $async = '';
    $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_SSL | SWOOLE_ASYNC);
    $client->set($options);
    $client->on('connect', function ($client) use (&$async) {
        $async = 'stands';
        $client->close();
    });
    $client->on('receive', fn () => null);
    $client->on('error', function ($client) use (&$async) { $async = "$client->errCode $client->errMsg"; });
    $client->on('close', fn () => null);
    $client->connect('127.0.0.1', $peer->where, 5 * patience());
    unset($client);
    Swoole\Event::wait();
    echo "$name: ", $sync === $async ? $sync : "$sync, but $async", "\n";
    if ($name === 'wants a certificate and gets it') {
        $seen = $peer->saw('secure');
        echo $seen[2], "\n";
    }
    $peer->stop();
}
foreach ([
    ['ssl_cafile' => '/nonexistent/ca.pem'],
    ['ssl_cafile' => __FILE__],
    ['ssl_cert_file' => $certificate],
    ['ssl_cert_file' => $certificate, 'ssl_key_file' => certificate('good')[1]],
    ['ssl_cert_file' => $certificate, 'ssl_key_file' => $certificate],
] as $options) {
    try {
        $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_SSL);
        $client->set($options);
        $client->connect('127.0.0.1', 1);
    } catch (ValueError $e) {
        echo str_replace([temp_dir(), __FILE__], ['DIR', 'FILE'], $e->getMessage()), "\n";
    }
}
$client->set(['ssl_method' => SWOOLE_TLSv1_METHOD]);
$client->set(['ssl_compress' => false]);
$client->set(['ssl_compress' => true]);
?>
--EXPECTF--
trusted: stands
by nobody that is known: 1012 The peer's certificate is signed by an unknown authority
expired: 1012 The peer's certificate has expired
for another name: 1012 The peer's certificate is not for this host name
for the name that is asked for: stands
by its other name: stands
by a folder: stands
by itself: 1012 The peer's certificate is self-signed
by itself, which is allowed: stands
by itself, and is trusted: stands
expired, by itself allowed: 1012 The peer's certificate has expired
of a stranger: 1012 The peer's certificate is signed by an unknown authority
of a stranger, allowed by itself: 1012 The peer's certificate is signed by an unknown authority
of a stranger, unverified: stands
with a chain: stands
with too long a chain: 1012 The peer's chain of certificates is too long
TLS 1.2 there: stands
TLS 1.2 here: stands
TLS 1.1 there: 1014 %s
TLS 1.3 there, 1.2 here: 1014 %s
no TLS: 1014 The peer does not speak TLS
closes: 104 The peer closed the connection without ending TLS
refuses a certificate: 1013 The peer refused the client's certificate: unknown ca
wants a certificate and gets it: stands
TLSv1.3 a client
option "ssl_cafile": unable to read /nonexistent/ca.pem: No such file or directory (os error 2)
option "ssl_cafile": FILE holds no certificate in PEM
option "ssl_cert_file" needs "ssl_key_file" too
options "ssl_cert_file" and "ssl_key_file": %s
option "ssl_key_file": DIR/%s holds no private key in PEM

Warning: Swoole\Client::set(): option "ssl_method" names a version that is not secure any more; TLS 1.2 and 1.3 are used in %s on line %d

Warning: Swoole\Client::set(): option "ssl_compress" has no effect: compression under TLS is not secure in %s on line %d
