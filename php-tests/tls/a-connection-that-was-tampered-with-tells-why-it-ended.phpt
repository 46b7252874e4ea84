--TEST--
A connection whose bytes are changed under way ends with the reason, synchronous and asynchronous
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

$peer = tls_peer(['answer' => true, 'quiet' => true]);
// Hands on what both sides say; once told so, it changes what the server says.
$relay = run_php(<<<'PHP'
<?php
$listener = stream_socket_server('tcp://127.0.0.1:0');
tell((int) substr(strrchr(stream_socket_get_name($listener, false), ':'), 1));
for ($n = 0; $n < 2; $n++) {
    $client = stream_socket_accept($listener, 60);
    $server = stream_socket_client("tcp://127.0.0.1:$to");
    $line = fopen('php://fd/3', 'r');
    for ($changes = false; ; ) {
        $read = [$client, $server, $line];
        $none = null;
        stream_select($read, $none, $none, 60);
        if (in_array($line, $read, true)) {
            fgets($line);
            $changes = true;
            tell('changes');
        }
        foreach ([[$client, $server], [$server, $client]] as [$from, $into]) {
            if (in_array($from, $read, true)) {
                $bytes = (string) fread($from, 65536);
                if ($bytes === '') {
                    break 2;
                }
                if ($changes && $from === $server) {
                    $bytes[-1] = ~$bytes[-1];
                }
                fwrite($into, $bytes);
            }
        }
    }
    fclose($client);
    fclose($server);
}
PHP, ['to' => $peer->where]);
$port = $relay->hear();

$client = new Swoole\Client(SWOOLE_TCP | SWOOLE_SSL);
$client->set(['ssl_cafile' => authority()]);
var_dump($client->connect('127.0.0.1', $port, 5 * patience()), $client->send('one'), $client->recv());
$relay->say('change');
$relay->hear();
$client->send('two');
var_dump($client->recv(), $client->errCode, $client->errMsg);
var_dump(@$client->recv(), $client->errCode, $client->errMsg);
unset($client);

$client = new Swoole\Client(SWOOLE_TCP | SWOOLE_SSL | SWOOLE_ASYNC);
$client->set(['ssl_cafile' => authority()]);
$client->on('connect', fn ($client) => $client->send('one'));
$client->on('receive', function ($client, $data) use ($relay) {
    echo "receive $data\n";
    $relay->say('change');
    $relay->hear();
    $client->send('two');
});
$client->on('error', fn () => print "error\n");
$client->on('close', fn ($client) => print "close $client->errCode $client->errMsg\n");
$client->connect('127.0.0.1', $port, 5 * patience());
?>
--EXPECTF--
bool(true)
int(3)
string(3) "one"

Warning: Swoole\Client::recv(): Unable to receive: The peer broke the TLS protocol in %s on line %d
bool(false)
int(1014)
string(31) "The peer broke the TLS protocol"
bool(false)
int(1014)
string(31) "The peer broke the TLS protocol"
receive one
close 1014 The peer broke the TLS protocol
