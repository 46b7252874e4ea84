--TEST--
Swoole\Redis::close(true) does not wait for replies: each command is told false with 5001, in order, then onClose
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$peer = silent_peer();
$start = static function (Closure $close) use ($peer) {
    $redis = new Swoole\Redis();
    $redis->on('close', static fn ($redis) => print("close $redis->errCode\n"));
    $redis->connect('127.0.0.1', $peer->where, static function ($redis) use ($close) {
        foreach (['a', 'b', 'c'] as $key) {
            $redis->blpop($key, 0, static fn ($redis, $result) => print("$key " . json_encode($result) . " $redis->errCode\n"));
        }
        $close($redis);
    });
    $gone = WeakReference::create($redis);
    unset($redis);
    Swoole\Event::wait();
    all_gone(redis: $gone);
};
echo "--- at once\n";
$start(static fn ($redis) => var_dump($redis->close(true)));
echo "--- after an orderly close\n";
$start(static function ($redis) {
    var_dump($redis->close(), @$redis->get('d', static fn () => null));
    Swoole\Timer::after(1, static fn () => var_dump($redis->close(true)));
});
echo "--- before it stands\n";
$redis = new Swoole\Redis();
$redis->connect('127.0.0.1', $peer->where, static fn () => print("never\n"));
var_dump($redis->close(true), $redis->getState() === Swoole\Redis::STATE_CLOSED);
$gone = WeakReference::create($redis);
unset($redis);
Swoole\Event::wait();
all_gone(redis: $gone);
?>
--EXPECT--
--- at once
a false 5001
b false 5001
c false 5001
close 5001
bool(true)
no tether is left
--- after an orderly close
bool(true)
bool(false)
a false 5001
b false 5001
c false 5001
close 5001
bool(true)
no tether is left
--- before it stands
bool(true)
bool(true)
no tether is left
