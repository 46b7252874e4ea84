--TEST--
Swoole\Redis: what waits to be sent, and a reply, have caps: an error and no growth
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

// It accepts and never reads: the system takes a part, the rest waits here.
$deaf = peer(['deaf' => true, 'quiet' => true]);
$redis = new Swoole\Redis(['socket_buffer_size' => 1 << 20]);
$redis->connect('127.0.0.1', $deaf->where, static function ($redis) {
    $value = str_repeat('x', 200000);
    $taken = 0;
    // Over several turns, so that what left the client and not the process counts too.
    Swoole\Timer::tick(1, static function ($timer) use ($redis, $value, &$taken) {
        for ($i = 0; $i < 3; $i++) {
            if (!@$redis->set('k', $value, static fn () => null)) {
                Swoole\Timer::clear($timer);
                echo $taken >= 5 && $taken < 100 ? 'some' : $taken, " were taken, then $redis->errCode $redis->errMsg\n";
                $redis->close(true);
                return;
            }
            $taken++;
        }
    });
});
unset($redis);
Swoole\Event::wait();

foreach (['a bulk' => "$2000\r\n", 'elements' => "*40\r\n", 'nested ones' => "*6\r\n*10\r\n", 'a map' => "%20\r\n"] as $name => $reply) {
    $peer = answering_peer($reply);
    $redis = new Swoole\Redis(['package_max_length' => 1000]);
    $redis->on('close', static fn ($redis) => print("  close $redis->errCode\n"));
    $redis->connect('127.0.0.1', $peer->where, static function ($redis) use ($name) {
        foreach (['a', 'b', 'c'] as $key) {
            $redis->get($key, static fn ($redis, $result) => print("$name $key " . json_encode($result) . " $redis->errCode $redis->errMsg\n"));
        }
    });
    unset($redis);
    Swoole\Event::wait();
}
all_gone();
?>
--EXPECT--
some were taken, then 1008 too much waits to be sent
a bulk a false 90 Message too long
a bulk b false 90 Message too long
a bulk c false 90 Message too long
  close 90
elements a false 90 Message too long
elements b false 90 Message too long
elements c false 90 Message too long
  close 90
nested ones a false 90 Message too long
nested ones b false 90 Message too long
nested ones c false 90 Message too long
  close 90
a map a false 90 Message too long
a map b false 90 Message too long
a map c false 90 Message too long
  close 90
no tether is left
