--TEST--
A synchronous client speaks TLS: from the start, by enableSSL(), with select, peek and packets
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

$options = ['ssl_cafile' => authority()];
$peer = tls_peer(['answer' => true, 'quiet' => true]);
$client = new Swoole\Client(SWOOLE_TCP | SWOOLE_SSL);
$client->set($options);
var_dump($client->connect('localhost', $peer->where, 5 * patience()), $client->send('hello'));
var_dump($client->recv(2, Swoole\Client::MSG_PEEK), $client->recv(2));
// What waits decrypted is readable, though its socket is not.
$read = [$client];
$write = $error = [];
var_dump(swoole_client_select($read, $write, $error, 0.0), $client->recv(3, Swoole\Client::MSG_WAITALL));
var_dump(@$client->recv(1, Swoole\Client::MSG_DONTWAIT), $client->errCode);
$big = random_bytes(300_000);
$client->send($big);
var_dump($client->recv(300_000, Swoole\Client::MSG_WAITALL) === $big);
$pem = $client->getPeerCert();
var_dump(is_certificate($pem, certificate('good')[0]), $client->verifyPeerCert());
var_dump($client->close());

echo "a file\n";
file_put_contents($file = temp_path(), $big);
$client->connect('127.0.0.1', $peer->where, 5 * patience());
var_dump($client->sendfile($file, 100_000, 150_000));
var_dump($client->recv(150_000, Swoole\Client::MSG_WAITALL) === substr($big, 100_000, 150_000));
$client->close();

echo "packets\n";
$client->set(['open_eof_check' => true, 'package_eof' => "\n"]);
$client->connect('127.0.0.1', $peer->where, 5 * patience());
$client->send("one\ntwo\n");
var_dump($client->recv(), $client->recv());
unset($client);

echo "STARTTLS\n";
$peer = tls_peer(['starttls' => true, 'answer' => true]);
$client = new Swoole\Client(SWOOLE_TCP);
$client->set($options);
var_dump(@$client->enableSSL(), $client->errCode);
$client->connect('localhost', $peer->where, 5 * patience());
var_dump($client->send('STARTTLS'), $client->recv(2, Swoole\Client::MSG_WAITALL), $client->enableSSL());
var_dump($client->send('hidden'), $client->recv(6, Swoole\Client::MSG_WAITALL));
var_dump(@$client->enableSSL());
unset($client);
var_dump(array_column([$peer->hear(), $peer->hear(), $peer->hear(), $peer->hear(), $peer->hear()], 0));

echo "the end\n";
foreach (['close', 'cut'] as $by) {
    $peer = tls_peer(['hello' => 'bye', 'after' => 0, 'by' => $by]);
    $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_SSL);
    $client->set($options);
    $client->connect('localhost', $peer->where, 5 * patience());
    var_dump($client->recv(), $client->recv(), $client->errCode, $client->errMsg);
    unset($client);
    // The same of packets.
    $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_SSL);
    $client->set(['open_length_check' => true] + $options);
    $client->connect('localhost', $peer->where, 5 * patience());
    var_dump($client->recv(), $client->errCode);
    unset($client);
}

/** Whether a PEM text is the certificate in a file. */
function is_certificate(string $pem, string $file): bool
{
    return $pem === file_get_contents($file);
}
?>
--EXPECTF--
bool(true)
int(5)
string(2) "he"
string(2) "he"
int(1)
string(3) "llo"
bool(false)
int(11)
bool(true)
bool(true)
bool(true)
bool(true)
a file
bool(true)
bool(true)
packets
string(4) "one
"
string(4) "two
"
STARTTLS
bool(false)
int(5001)
int(8)
string(2) "go"
bool(true)
int(6)
string(6) "hidden"
bool(false)
array(5) {
  [0]=>
  string(7) "connect"
  [1]=>
  string(4) "data"
  [2]=>
  string(6) "secure"
  [3]=>
  string(4) "data"
  [4]=>
  string(3) "fin"
}
the end
string(3) "bye"
string(0) ""
int(0)
string(0) ""
string(0) ""
int(0)

Warning: Swoole\Client::recv(): Unable to receive: The peer closed the connection without ending TLS in %s on line %d
string(3) "bye"
bool(false)
int(104)
string(49) "The peer closed the connection without ending TLS"

Warning: Swoole\Client::recv(): Unable to receive: The peer closed the connection without ending TLS in %s on line %d
bool(false)
int(104)
