--TEST--
A name that was found is kept for a while: for lookups and for clients alike, each told from the loop
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

/** The threads that resolve names. */
function resolving(): int
{
    $names = array_map(fn ($task) => trim((string) @file_get_contents("$task/comm")), glob('/proc/self/task/*'));
    return count(array_keys($names, 'tether-dns'));
}

$peer = peer(['answer' => true]);
// A synchronous client asks on a thread of its own, which ends with the answer.
$client = new Swoole\Client(SWOOLE_TCP);
var_dump($client->connect('localhost', $peer->where, 5 * patience()));
$client->close();
wait_for(fn () => resolving() === 0);
Swoole\Async::dnsLookup('localhost', function ($host, $ip) {
    echo "$host: $ip\n";
    var_dump(resolving());
});
echo "asked\n";
Swoole\Event::wait();
$client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
$client->on('connect', function ($client) {
    var_dump(resolving());
    $client->close();
});
$client->on('receive', fn () => null);
$client->on('error', fn ($client) => print("error $client->errCode\n"));
$client->on('close', fn () => print("closed\n"));
$client->connect('localhost', $peer->where, 5 * patience());
unset($client);
Swoole\Event::wait();
echo ledger_empty() ? "nothing is left\n" : '';
?>
--EXPECT--
bool(true)
asked
localhost: 127.0.0.1
int(0)
int(0)
closed
nothing is left
