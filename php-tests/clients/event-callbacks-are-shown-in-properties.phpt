--TEST--
The callbacks of on() are shown in properties, null until then, and hold a client no longer for that
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

gc_disable();
$classes = [
    Swoole\Client::class => [['Connect', 'Receive', 'Error', 'Close', 'BufferFull', 'BufferEmpty'], ['SSLReady'], [SWOOLE_TCP | SWOOLE_ASYNC]],
    Swoole\Http\Client::class => [['Connect', 'Error', 'Close', 'Message'], [], ['127.0.0.1', 80]],
    Swoole\Redis::class => [['Close', 'Message'], ['Connect'], []],
    Swoole\MySQL::class => [['Close'], ['Connect'], []],
];
foreach ($classes as $class => [$events, $never, $arguments]) {
    $client = new $class(...$arguments);
    $right = true;
    foreach ([...$events, ...$never] as $event) {
        $right = $right && property_exists($class, "on$event") && $client->{"on$event"} === null;
    }
    foreach ($events as $event) {
        $client->on($event, fn () => null);
        $client->on(strtolower($event), $callback = fn () => $event);
        $right = $right && $client->{"on$event"} === $callback;
    }
    foreach ($never as $event) {
        $right = $right && $client->{"on$event"} === null;
    }
    echo "$class: ", json_encode($right), "\n";
}

final class Mine extends swoole_client
{
    public $onReceive = null;
    public array $heard = [];

    public function heard(swoole_client $client, string $data): void
    {
        $this->heard[] = $data;
        ($this->onConnect)('called by hand');
        $client->close();
    }
}
$peer = echo_peer();
$client = new Mine(SWOOLE_TCP | SWOOLE_ASYNC);
$client->on('connect', static function ($client) {
    echo is_string($client) ? "$client\n" : "connected\n";
    is_string($client) or $client->send('hello');
});
$client->on('receive', [$client, 'heard']);
$client->on('error', 'var_dump');
// Writing to a property registers nothing, and is the program's own.
$client->on('close', fn ($client) => print "closed\n");
$client->onClose = $witness = new Witness('what was written');
unset($witness);
$client->connect('127.0.0.1', $peer->where, 5 * patience());
echo $client->onReceive[1], ' ', $client->onError, "\n";
$dead = WeakReference::create($client);
// Turns of the loop, one step each.
$steps = [
    fn () => $client->isConnected() || $client->heard === [] ? null : true,
    function () use (&$client) {
        echo json_encode($client->heard), "\n";
        $client = null;
        return true;
    },
    fn () => true,
    function () use (&$dead, &$client, &$kept) {
        var_dump($dead->get());
        // Somebody else holds the closure.
        $client = telling_client();
        $own = $client;
        $client->on('close', static function () use ($own) {});
        $kept = $client->onClose;
        $client->connect('127.0.0.1', refusing_port(), 5);
        $dead = WeakReference::create($client);
        $client = null;
        return true;
    },
    fn () => Tether\Ledger::count('client') === 0 ?: null,
    fn () => true,
    function () use (&$dead, &$kept) {
        var_dump($dead->get() !== null);
        $kept = null;
        return true;
    },
    fn () => true,
    function () use (&$dead) {
        var_dump($dead->get());
        return true;
    },
];
Swoole\Timer::tick(1, function ($id) use (&$steps) {
    if ((reset($steps))()) {
        array_shift($steps);
    }
    $steps or Swoole\Timer::clear($id);
});
Swoole\Event::wait();
all_gone();
?>
--EXPECT--
Swoole\Client: true
Swoole\Http\Client: true
Swoole\Redis: true
Swoole\MySQL: true
heard var_dump
connected
called by hand
closed
["hello"]
what was written destroyed
NULL
error (111)
bool(true)
NULL
no tether is left
