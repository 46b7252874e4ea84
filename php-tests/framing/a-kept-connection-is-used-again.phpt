--TEST--
With SWOOLE_KEEP a connection goes back to its pool and is checked before it is used again
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../clients/clients.inc';

function kept(int $port, ?string $id = null): swoole_client
{
    $client = new swoole_client(SWOOLE_TCP | SWOOLE_KEEP, SWOOLE_SOCK_SYNC, $id);
    $client->connect('127.0.0.1', $port, 5) or exit('no connection');
    printf("%s %s %d %s\n", $client->sock, $client->reuse ? 'reused' : 'new', $client->reuseCount, $id ?? '-');
    return $client;
}

$echo = echo_peer();
$before = fd_count();
$sock = null;
for ($i = 0; $i < 3; $i++) {
    ob_start();
    $client = kept($echo->where);
    $line = ob_get_clean();
    $sock ??= $client->sock;
    echo $client->sock === $sock ? 'same' : 'other', strstr($line, ' ');
    echo $client->send('hi'), $client->recv(), "\n";
    unset($client);
}
var_dump(fd_count() - $before, $echo->saw('fin', 0.1));

ob_start(static fn ($text) => preg_replace('/^\d+/m', 'fd', $text));
echo "closed by force\n";
$client = kept($echo->where);
$client->close(true);
var_dump($echo->saw('fin')[0]);
$client = kept($echo->where);
$client->close();
echo "an id of its own\n";
$a = kept($echo->where, 'mine');
$b = kept($echo->where);
unset($a, $b);
$a = kept($echo->where, 'mine');
echo "bytes that nobody has read\n";
$a->send('unread');
$a->recv(1);
unset($a);
$a = kept($echo->where, 'mine');
$a->close(true);

echo "the timeout of the next connect()\n";
$client = new swoole_client(SWOOLE_TCP | SWOOLE_KEEP);
$client->connect('127.0.0.1', ($silent = silent_peer())->where, 1000);
$client->close();
$client->connect('127.0.0.1', $silent->where, 0.05);
var_dump($client->reuse, @$client->recv(), $client->errCode);
$client->close(true);

echo "a peer that has left\n";
$leaves = peer(['answer' => 'bye', 'after' => 1]);
$client = kept($leaves->where);
var_dump($client->send('x'), $client->recv());
$leaves->stop();
unset($client);
$client = new swoole_client(SWOOLE_TCP | SWOOLE_KEEP);
var_dump(@$client->connect('127.0.0.1', $leaves->where), $client->errCode);
try {
    new swoole_client(SWOOLE_TCP | SWOOLE_KEEP | SWOOLE_ASYNC);
} catch (ValueError $e) {
    echo $e->getMessage(), "\n";
}
?>
--EXPECT--
same new 0 -
2hi
same reused 1 -
2hi
same reused 2 -
2hi
int(1)
NULL
closed by force
fd reused 3 -
string(3) "fin"
fd new 0 -
an id of its own
fd new 0 mine
fd reused 1 -
fd reused 1 mine
bytes that nobody has read
fd new 0 mine
the timeout of the next connect()
bool(true)
bool(false)
int(11)
a peer that has left
fd new 0 -
int(1)
string(3) "bye"
bool(false)
int(111)
Swoole\Client::__construct(): Argument #1 ($type) must not combine SWOOLE_KEEP with SWOOLE_ASYNC
