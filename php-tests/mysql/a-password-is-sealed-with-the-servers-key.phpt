--TEST--
Swoole\MySQL: caching_sha2_password without TLS encrypts the password with the server's key, its own or a given one
--EXTENSIONS--
tether
openssl
--FILE--
<?php
require __DIR__ . '/../_support/mysql.inc';

$pair = openssl_pkey_new(['private_key_type' => OPENSSL_KEYTYPE_RSA, 'private_key_bits' => 2048]);
$public = openssl_pkey_get_details($pair)['key'];
$nonce = 'abcdefghijklmnopqrst';

/** Logs in at a peer that asks for the whole password; what it was sent last, opened. */
$login = static function (array $answers, array $more) use ($pair, $nonce): void {
    $peer = peer(['hello' => mysql_greeting('caching_sha2_password'), 'answers' => $answers]);
    $client = new Swoole\MySQL();
    $client->connect($more + [
        'host' => '127.0.0.1', 'port' => $peer->where, 'user' => 'u', 'password' => 'a secret of more than twenty bytes', 'database' => 'd',
        'timeout' => 10 * patience(),
    ], static function ($client, $ok): void {
        echo $ok ? 'connected' : "$client->connect_errno $client->connect_error", "\n";
        $client->close();
    });
    Swoole\Event::wait();
    $sent = [];
    while (($seen = $peer->hear()) && $seen[0] !== 'fin') {
        if ($seen[0] === 'data') {
            $sent[] = $seen[2];
        }
    }
    foreach (array_slice($sent, 1) as $packet) {
        $payload = substr($packet, 4);
        if (strlen($payload) !== 256) {
            echo bin2hex($packet), "\n";
        } elseif (openssl_private_decrypt($payload, $mixed, $pair, OPENSSL_PKCS1_OAEP_PADDING)) {
            echo json_encode($mixed ^ substr(str_repeat($nonce, 9), 0, strlen($mixed))), "\n";
        } else {
            echo "it cannot be opened\n";
        }
    }
    ledger_empty();
};
echo "--- the key is asked for\n";
$login([mysql_packet(2, "\x01\x04"), mysql_packet(4, "\x01$public"), mysql_ok(6)], []);
echo "--- the key is known\n";
$login([mysql_packet(2, "\x01\x04"), mysql_ok(4)], ['server_public_key' => $public]);
echo "--- what was given is no key\n";
$login([mysql_packet(2, "\x01\x04"), mysql_ok(4)], ['server_public_key' => 'no key']);
echo "--- what the server sent is no key\n";
$login([mysql_packet(2, "\x01\x04"), mysql_packet(4, "\x01no key")], []);
echo "--- the password does not fit\n";
$login([mysql_packet(2, "\x01\x04"), mysql_packet(4, "\x01$public")], ['password' => str_repeat('x', 250)]);
?>
--EXPECT--
--- the key is asked for
connected
0100000302
"a secret of more than twenty bytes\u0000"
0100000001
--- the key is known
connected
"a secret of more than twenty bytes\u0000"
0100000001
--- what was given is no key
2061 The server's public key cannot be used
--- what the server sent is no key
2061 The server's public key cannot be used
0100000302
--- the password does not fit
2061 The password is too long for the server's public key
0100000302
