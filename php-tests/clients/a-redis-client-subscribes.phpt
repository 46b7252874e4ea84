--TEST--
With onMessage a Redis client is in subscribe mode: whatever arrives is a message
--EXTENSIONS--
tether
--SKIPIF--
<?php require __DIR__ . '/clients.inc'; skip_without('redis-server');
--FILE--
<?php
require __DIR__ . '/clients.inc';

$service = redis_start();
$redis = new Swoole\Redis(['idle_timeout' => 0.05]);
$redis->on('message', function ($redis, $message) {
    echo json_encode($message), "\n";
    if ($message === ['message', 'b', 'last']) {
        var_dump($redis->close());
    }
});
$redis->on('close', function () { echo "close\n"; });
$redis->connect('127.0.0.1', $service->port, function ($redis, $ok) use ($service) {
    var_dump($redis->on('close', fn () => null));
    var_dump($redis->get('key'));
    var_dump($redis->subscribe('a', 'b'), $redis->getState() === Swoole\Redis::STATE_SUBSCRIBE);
    $other = new Swoole\Redis;
    $other->connect('127.0.0.1', $service->port, function ($other) {
        $other->publish('a', 'first', function ($other, $reached) {
            $other->blpop('empty', 0.2, function ($other) {
                $other->publish('b', 'last', fn ($other) => $other->close());
            });
        });
    });
});
after_loop(fn () => all_gone());
unset($redis);
?>
--EXPECTF--

Warning: Swoole\Redis::on(): Event callbacks must be registered before connect() in %s on line %d
bool(false)

Warning: Swoole\Redis::__call(): Unable to send the command get: the command does not fit the connection's mode: only subscriptions can be changed in %s on line %d
bool(false)
bool(true)
bool(true)
["subscribe","a",1]
["subscribe","b",2]
["message","a","first"]
["message","b","last"]
close
bool(true)
no tether is left
