--TEST--
total_timeout bounds all that a sync client does, connecting included, however little each call waits
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

/** What it tells, and whether the time is between these. */
function check(string $name, Swoole\Client $client, float $since, array $told): void
{
    $took = microtime(true) - $since;
    echo "$name: ", json_encode($told), " $client->errCode $client->errMsg ", json_encode($client->isConnected()),
        $took >= 0.25 && $took < 5 * patience() ? '' : " after $took s", "\n";
}

function client(array $options = [], int $type = SWOOLE_TCP): Swoole\Client
{
    $client = new Swoole\Client($type);
    $client->set(['total_timeout' => 0.3] + $options);
    return $client;
}

$since = microtime(true);
$full = full_backlog_listener();
$client = client();
check('connect', $client, $since, [@$client->connect('127.0.0.1', $full->port, 60)]);

$silent = silent_peer();
$client = client();
$since = microtime(true);
$client->connect('127.0.0.1', $silent->where, 60);
check('a silent peer', $client, $since, [@$client->recv()]);
check('after that', $client, $since, [@$client->send('x'), @$client->close()]);

// Each call waits less than the whole.
$client = client();
$since = microtime(true);
$client->connect('127.0.0.1', $silent->where, 0.05);
$false = $eagain = 0;
while ($client->isConnected()) {
    $false += @$client->recv() === false;
    $eagain += $client->errCode === 11;
}
check('many calls', $client, $since, [$false > 1, $eagain === $false - 1]);

// A peer that drips keeps a call of many bytes going, but not beyond the end.
$drip = run_php(<<<'PHP'
<?php
$listener = stream_socket_server('tcp://127.0.0.1:0');
tell((int) substr(strrchr(stream_socket_get_name($listener, false), ':'), 1));
while ($stream = stream_socket_accept($listener, 60)) {
    while (@fwrite($stream, 'x')) {
        usleep(1000);
    }
}
PHP);
$port = $drip->hear();
foreach ([['recv', []], ['packet', ['open_eof_split' => true, 'package_eof' => "\n"]]] as [$name, $options]) {
    $client = client($options);
    $since = microtime(true);
    $client->connect('127.0.0.1', $port, 60);
    $got = @$client->recv(1_000_000, Swoole\Client::MSG_WAITALL);
    // What had come is given first.
    check("a dripping peer, $name", $client, $since, [$got === false || strlen($got) < 1_000_000, @$client->recv()]);
}

$peer = silent_peer();
$client = client(['socket_buffer_size' => 0]);
$since = microtime(true);
$client->connect('127.0.0.1', $deaf = peer(['deaf' => true])->where, 60);
check('send', $client, $since, [@$client->send(str_repeat('x', 50_000_000))]);

$client = client(type: SWOOLE_UDP);
$since = microtime(true);
$client->connect('127.0.0.1', silent_udp(), 60);
check('UDP', $client, $since, [$client->send('x'), @$client->recv()]);

// One that comes from the pool begins anew.
$client = client(['total_timeout' => 5], SWOOLE_TCP | SWOOLE_KEEP);
$echo = echo_peer();
$client->connect('127.0.0.1', $echo->where, 1);
$client->close();
$client->connect('127.0.0.1', $echo->where, 1);
echo json_encode([$client->reuse, $client->send('again'), $client->recv()]), "\n";
?>
--EXPECT--
connect: [false] 110 Connection timed out false
a silent peer: [false] 110 Connection timed out false
after that: [false,false] 5001 The client is not connected false
many calls: [true,true] 110 Connection timed out false
a dripping peer, recv: [true,false] 110 Connection timed out false
a dripping peer, packet: [true,false] 5001 The client is not connected false
send: [false] 110 Connection timed out false
UDP: [1,false] 110 Connection timed out false
[true,5,"again"]
