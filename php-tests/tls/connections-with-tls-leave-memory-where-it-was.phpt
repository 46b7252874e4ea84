--TEST--
Connections with TLS, good and bad, leave memory, descriptors and the ledger where they were; total_timeout ends one
--EXTENSIONS--
tether
--SKIPIF--
<?php
require __DIR__ . '/../_support/harness.inc';
skip_without('openssl');
?>
--FILE--
<?php
require __DIR__ . '/../_support/clients.inc';

$good = tls_peer(['answer' => true, 'quiet' => true]);
$bad = tls_peer(['certificate' => 'other', 'quiet' => true]);
$trusted = ['ssl_cafile' => authority()];
$ends = [];

/** One connection after the other, until so many were made: every third is not trusted. */
$reach = static function (int $n) use ($good, $bad, $trusted, &$ends): void {
    $one = static function () use (&$one, &$made, $n, $good, $bad, $trusted, &$ends): void {
        if ($made++ >= $n) {
            return;
        }
        $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_SSL | SWOOLE_ASYNC);
        $client->set($trusted);
        $client->on('connect', fn ($client) => $client->send('ping'));
        $client->on('receive', fn ($client) => $client->close());
        $client->on('error', function ($client) use (&$one, &$ends) {
            $ends["error $client->errCode"] = true;
            $one();
        });
        $client->on('close', function ($client) use (&$one, &$ends) {
            $ends["close $client->errCode"] = true;
            $one();
        });
        $client->connect('127.0.0.1', ($made % 3 ? $good : $bad)->where, 30 * patience());
    };
    $made = 0;
    $one();
    Swoole\Event::wait();
    $one = null;
    // The synchronous ones in passing.
    $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_SSL);
    $client->set($trusted);
    $client->connect('127.0.0.1', $good->where, 30 * patience());
    $client->send('ping');
    $client->recv();
};
var_dump(flat_between($reach, 100, 400), array_keys($ends), ledger_empty());

$client = new Swoole\Client(SWOOLE_TCP | SWOOLE_SSL | SWOOLE_ASYNC);
$client->set(['total_timeout' => 1.0] + $trusted);
$client->on('connect', fn ($client) => $client->send('ping'));
$client->on('receive', fn ($client, $data) => print("$data\n"));
$client->on('error', fn ($client) => print("error $client->errCode\n"));
$client->on('close', fn ($client) => print("close $client->errCode $client->errMsg\n"));
$client->connect('127.0.0.1', $good->where, 30 * patience());
unset($client);
Swoole\Event::wait();
?>
--EXPECT--
bool(true)
array(2) {
  [0]=>
  string(7) "close 0"
  [1]=>
  string(10) "error 1012"
}
bool(true)
ping
close 110 Connection timed out
