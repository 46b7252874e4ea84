--TEST--
A client whose callbacks alone hold it goes at the end of its connection, without the collector
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

gc_disable();
class Self_ extends swoole_client
{
    public function __construct()
    {
        parent::__construct(SWOOLE_TCP | SWOOLE_ASYNC);
        $this->on('connect', function () {});
        $this->on('error', [$this, 'told']);
        $this->on('close', [$this, 'told']);
        $this->on('receive', $this->told(...));
    }

    public function told() {}
}
function client(): swoole_client
{
    $client = new swoole_client(SWOOLE_TCP | SWOOLE_ASYNC);
    foreach (['connect', 'error', 'close'] as $event) {
        $client->on($event, function () {});
    }
    return $client;
}
$peer = closing_peer(0);
$gone = $stays = [];
(function () use (&$gone, &$stays, $peer) {
    $go = fn ($client) => $client->connect('127.0.0.1', $peer->where) ? WeakReference::create($client) : null;

    $client = client();
    $client->on('close', function () use ($client) {});
    $gone['by value'] = $go($client);

    $client = client();
    $client->on('close', $closure = function () use ($client) {});
    $client->on('error', $closure);
    unset($closure);
    $gone['registered twice'] = $go($client);

    $gone['bound $this, array callback, first-class callable'] = $go(new Self_);

    (function () use ($go, &$gone) {
        $client = client();
        $client->on('close', function () use (&$client) {});
        $gone['by a reference that nobody shares'] = $go($client);
    })();

    $redis = new Swoole\Redis;
    $redis->on('close', function () use ($redis) {});
    $redis->connect('127.0.0.1', refusing_port(), function () use ($redis) {});
    $gone['a redis that was refused'] = WeakReference::create($redis);
    unset($redis);

    $http = new Swoole\Http\Client('127.0.0.1', $peer->where);
    $http->on('close', function () use ($http) {});
    $http->get('/', function () use ($http) {});
    $gone['an http client'] = WeakReference::create($http);
    unset($http);

    $client = client();
    $client->on('close', $GLOBALS['closure'] = function () use ($client) {});
    $stays['its closure is held elsewhere'] = $go($client);

    $client = $GLOBALS['client'] = client();
    $client->on('close', function () use ($client) {});
    $stays['the client is held elsewhere'] = $go($client);

    $client = client();
    $holder = (object) ['client' => $client];
    $client->on('close', function () use ($holder) {});
    unset($holder);
    $stays['through another object'] = $go($client);

    $client = client();
    $other = $GLOBALS['other'] = client();
    $client->on('close', $both = function () use ($client) {});
    $other->on('close', $both);
    unset($both);
    $stays['a closure that two clients share'] = $go($client);
    $go($other);
})();
after_loop(function () use (&$gone, &$stays) {
    all_gone(...$gone);
    foreach ($stays as $name => $client) {
        echo $name, ': ', $client->get() ? 'stays' : 'was dropped', "\n";
    }
    unset($GLOBALS['closure'], $GLOBALS['client'], $GLOBALS['other']);
    gc_collect_cycles();
    all_gone(...$stays);
});
?>
--EXPECT--
no tether is left
its closure is held elsewhere: stays
the client is held elsewhere: stays
through another object: stays
a closure that two clients share: stays
no tether is left
