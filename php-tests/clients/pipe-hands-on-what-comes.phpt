--TEST--
pipe() hands what a client receives to another client or a stream, without onReceive, and keeps nothing alive
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

gc_disable();
/** A client that is told of nothing but what is said here. */
function quiet(array $on): Swoole\Client
{
    $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
    foreach (['connect', 'receive', 'error', 'close'] as $event) {
        $client->on($event, $on[$event] ?? static fn () => null);
    }
    return $client;
}

echo "-- to a stream\n";
[$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
$source = peer(['hello' => str_repeat('all of it ', 6_000), 'answer' => 'and more', 'after' => 1]);
$client = quiet([
    'connect' => static function ($client) use ($near) {
        var_dump($client->pipe($near));
    },
    'receive' => static fn () => print "onReceive ran\n",
    'close' => static fn () => print "closed\n",
]);
$client->connect('127.0.0.1', $source->where, 5 * patience());
$got = '';
swoole_event_add($far, static function ($far) use (&$got, $client) {
    $got .= fread($far, 8192);
    strlen($got) === 60_000 and $client->send('x');
    strlen($got) === 60_008 and swoole_event_del($far);
});
Swoole\Event::wait();
var_dump(md5($got) === md5(str_repeat('all of it ', 6_000) . 'and more'));
unset($client, $near, $far);

echo "-- two clients that lead to each other\n";
[$a, $b] = [echo_peer(), peer(['hello' => 'through both', 'quiet' => true])];
$gone = [];
(function () use ($a, $b, &$gone) {
    $one = quiet(['close' => static fn () => print "one closed\n"]);
    $two = quiet([
        'connect' => static function ($two) use (&$one) {
            var_dump($one->pipe($two), $two->pipe($one));
        },
        'close' => static fn () => print "two closed\n",
    ]);
    $one->connect('127.0.0.1', $a->where, 5 * patience());
    $two->connect('127.0.0.1', $b->where, 5 * patience());
    $gone = ['one' => WeakReference::create($one), 'two' => WeakReference::create($two)];
})();
// What the one peer said has gone to the other and comes back.
$heard = 0;
while ($heard < 1 && Swoole\Event::dispatch()) {
    $heard += ($seen = $a->hear(0.01)) !== null && $seen[0] === 'data' && $seen[2] === 'through both';
}
$gone['one']->get()->close();
$gone['two']->get()->close();
Swoole\Event::wait();
all_gone(...$gone);

echo "-- the loop ends first\n";
(function () use ($a, $b, &$gone) {
    [$one, $two] = [quiet([]), quiet([])];
    $one->connect('127.0.0.1', $a->where, 5 * patience());
    $two->connect('127.0.0.1', $b->where, 5 * patience());
    var_dump($one->pipe($two), $two->pipe($one));
    $gone = ['one' => WeakReference::create($one), 'two' => WeakReference::create($two)];
})();
Swoole\Timer::after(1, fn () => Swoole\Event::exit());
Swoole\Event::wait();
all_gone(...$gone);

echo "-- what can not be\n";
$client = quiet([]);
var_dump(@$client->pipe(STDIN), $client->errCode, @(new Swoole\Client(SWOOLE_TCP))->pipe(STDIN));
$client->connect('127.0.0.1', $a->where, 5);
$client->pipe($client);
try {
    $client->pipe('nowhere');
} catch (TypeError $e) {
    echo $e->getMessage(), "\n";
}
$client->close();
?>
--EXPECTF--
-- to a stream
bool(true)
closed
bool(true)
-- two clients that lead to each other
bool(true)
bool(true)
one closed
two closed
no tether is left
-- the loop ends first
bool(true)
bool(true)
no tether is left
-- what can not be
bool(false)
int(5001)
bool(false)

Warning: Swoole\Client::pipe(): Unable to pipe: a client can not lead to itself in %s on line %d
Swoole\Client::pipe(): Argument #1 ($destination) must be an asynchronous client, a stream, a socket or a descriptor
