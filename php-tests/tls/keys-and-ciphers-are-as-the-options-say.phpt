--TEST--
A client opens its key with ssl_passphrase, and ssl_ciphers chooses its ciphers and names those that are not there
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
/** The client's key, rewritten by the openssl tool. */
$rewritten = function (string ...$words) use ($key): string {
    $file = temp_path('.key');
    openssl(...[...$words, '-in', $key, '-out', $file, '-passout', 'pass:open sesame']);
    return $file;
};
/** Connects; what stands, or why not. */
$try = function (array $options, Peer $peer) use ($trusted): string {
    $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_SSL);
    try {
        $client->set($options + $trusted);
        $stands = $client->connect('127.0.0.1', $peer->where, 5 * patience());
    } catch (ValueError $e) {
        return str_replace(temp_dir(), 'DIR', $e->getMessage());
    }
    return $stands ? $peer->saw('secure')[2] : "$client->errCode $client->errMsg";
};

echo "-- keys\n";
$peer = tls_peer(['wants' => true]);
$locked = $rewritten('pkcs8', '-topk8', '-v2', 'aes-256-cbc');
$keys = [
    'opened' => [$locked, 'open sesame'],
    'SHA-1' => [$rewritten('pkcs8', '-topk8', '-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA1'), 'open sesame'],
    'scrypt' => [$rewritten('pkcs8', '-topk8', '-scrypt'), 'open sesame'],
    'not encrypted' => [$key, 'open sesame'],
    'wrong' => [$locked, 'open barley'],
    'none' => [$locked, null],
    'old' => [$rewritten('ec', '-aes256'), 'open sesame'],
    'PBES1' => [$rewritten('pkcs8', '-topk8', '-v1', 'PBE-SHA1-3DES'), 'open sesame'],
];
foreach ($keys as $name => [$file, $passphrase]) {
    $options = ['ssl_cert_file' => $certificate, 'ssl_key_file' => $file, 'ssl_passphrase' => $passphrase];
    echo "$name: ", $try($options, $peer), "\n";
}

echo "-- ciphers\n";
$old = ['ssl_method' => SWOOLE_TLSv1_2_METHOD];
$peer = tls_peer(['tells_cipher' => true]);
foreach (['ECDHE-ECDSA-AES128-GCM-SHA256', 'HIGH:!AES', 'ECDHE-ECDSA-AES256-GCM-SHA384:AES128-SHA', 'ECDHE-RSA-AES128-GCM-SHA256', 'RC4'] as $list) {
    echo "$list: ", @$try(['ssl_ciphers' => $list] + $old, $peer), "\n";
}
foreach (['TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256:ECDHE+AESGCM'] as $list) {
    echo "$list: ", $try(['ssl_ciphers' => $list], $peer), "\n";
}
echo $try(['ssl_ciphers' => 'TLS_AES_128_GCM_SHA256:!ALL'] + $old, $peer), "\n";
$redis = new Swoole\Redis(['ssl' => true, 'ssl_ciphers' => 'HIGH:AES128-SHA:NONSENSE']);
?>
--EXPECTF--
-- keys
opened: TLSv1.3 a client
SHA-1: TLSv1.3 a client
scrypt: TLSv1.3 a client
not encrypted: TLSv1.3 a client
wrong: option "ssl_key_file": DIR/%s: "ssl_passphrase" does not open the key
none: option "ssl_key_file": DIR/%s: the key is encrypted, it needs "ssl_passphrase"
old: option "ssl_key_file": DIR/%s: the key is encrypted in a way that is not known, not as "openssl pkcs8 -topk8" does it
PBES1: option "ssl_key_file": DIR/%s: the key is encrypted in a way that is not known, not as "openssl pkcs8 -topk8" does it
-- ciphers
ECDHE-ECDSA-AES128-GCM-SHA256: TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256
HIGH:!AES: TLSv1.2 ECDHE-ECDSA-CHACHA20-POLY1305
ECDHE-ECDSA-AES256-GCM-SHA384:AES128-SHA: TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384
ECDHE-RSA-AES128-GCM-SHA256: 1014 The peer ended TLS: handshake failure
RC4: option "ssl_ciphers" names no cipher that the TLS library has
TLS_CHACHA20_POLY1305_SHA256: TLSv1.3 TLS_CHACHA20_POLY1305_SHA256
TLS_AES_128_GCM_SHA256:ECDHE+AESGCM: TLSv1.3 TLS_AES_128_GCM_SHA256
option "ssl_ciphers": %s

Warning: Swoole\Redis::__construct(): option "ssl_ciphers" names what the TLS library does not have: AES128-SHA, NONSENSE in %s on line %d
