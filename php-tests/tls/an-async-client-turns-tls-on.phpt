--TEST--
enableSSL() of an async client: its callback runs once when TLS stands, and goes without a call when it fails
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

/** A client that says STARTTLS and turns TLS on when it hears `go`. */
function upgrading(array $at, array $options, array $events = []): WeakReference
{
    $client = new ToldClient(SWOOLE_TCP | SWOOLE_ASYNC);
    $client->set($options);
    $once = new Token('once');
    $events += [
        'connect' => function ($client) { $client->send('STARTTLS'); },
        'receive' => function ($client, $data) use (&$once) {
            Story::add("received $data");
            if ($data !== 'go') {
                $client->close();
                return;
            }
            $bound = $once;
            $once = null;
            Story::add($client->enableSSL(function ($client) use ($bound) {
                Story::add('secure');
                Story::add(str_starts_with($client->getPeerCert(), '-----BEGIN CERTIFICATE-----') ? 'certificate' : 'none');
                Story::add($client->verifyPeerCert() ? 'good' : 'bad');
                $client->send('secret');
            }) ? 'begun' : 'refused');
            // What is sent now waits for TLS.
            $client->send('early ');
        },
        'error' => fn ($client) => Story::add("error $client->errCode"),
        'close' => fn ($client) => Story::add("close $client->errCode $client->errMsg"),
    ];
    foreach ($events as $event => $callback) {
        $client->on($event, $callback);
    }
    $client->connect(...$at, ...[5 * patience()]);
    return WeakReference::create($client);
}

function show(string $name, WeakReference $client): void
{
    $clean = run_loop($client);
    echo "$name: ", implode('; ', Story::take()), $clean ? '' : ' LEFT', "\n";
}

$trusted = ['ssl_cafile' => authority()];
$peer = tls_peer(['starttls' => true, 'answer' => true]);
show('it stands', upgrading(['127.0.0.1', $peer->where], $trusted));
$said = '';
while (($seen = $peer->hear()) && $seen[0] !== 'fin') {
    $said .= $seen[0] === 'data' ? "$seen[2];" : ($seen[0] === 'secure' ? 'TLS;' : '');
}
echo str_replace('early ;secret', 'early secret', $said), "\n";
show('it is not trusted', upgrading(['127.0.0.1', $peer->where], []));
$deaf = peer(['answer' => 'go', 'quiet' => true]);
show('it is no TLS', upgrading(['127.0.0.1', $deaf->where], $trusted));
// It reads on: what it left unread would make its end a reset.
$gone = peer(['answer' => 'go', 'after' => 1, 'by' => 'half', 'quiet' => true]);
show('it closes', upgrading(['127.0.0.1', $gone->where], $trusted));
show('it is closed', upgrading(['127.0.0.1', $peer->where], $trusted, ['receive' => function ($client, $data) {
    $bound = new Token('mine');
    $client->enableSSL(function () use ($bound) { Story::add('never'); });
    unset($bound);
    $client->close();
}]));

echo "misuse\n";
set_error_handler(function (int $level, string $text) { echo "$text\n"; return true; });
$client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
var_dump($client->enableSSL(fn () => null), $client->getPeerCert(), $client->verifyPeerCert());
try {
    $client->enableSSL();
} catch (TypeError | ArgumentCountError $e) {
    echo get_class($e), "\n";
}
$client = new Swoole\Client(SWOOLE_UDP);
var_dump($client->enableSSL());
?>
--EXPECTF--
it stands: received go; begun; secure; certificate; good; ~once; received early secret; close 0 ; ~client
STARTTLS;TLS;early secret;
it is not trusted: received go; begun; close 1012 The peer's certificate is signed by an unknown authority; ~once; ~client
it is no TLS: received go; begun; close 1014 The peer does not speak TLS; ~once; ~client
it closes: received go; begun; close 104 The peer closed the connection without ending TLS; ~once; ~client
it is closed: ~once; close 0 ; ~mine; ~client
misuse
Swoole\Client::enableSSL(): Unable to enable TLS: not connected
Swoole\Client::getPeerCert(): The peer's certificate: TLS does not stand
Swoole\Client::verifyPeerCert(): The peer's certificate: TLS does not stand
bool(false)
bool(false)
bool(false)
ArgumentCountError
Swoole\Client::enableSSL(): Unable to enable TLS: only streams can have it
bool(false)
