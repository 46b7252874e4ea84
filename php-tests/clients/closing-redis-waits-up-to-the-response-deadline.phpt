--TEST--
Swoole\Redis::close() waits for replies up to the response deadline, also for a command that may block for ever (A8)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

// It answers the first command, and no other.
$peer = peer(['answers' => ["+PONG\r\n"]]);
$redis = new Swoole\Redis(['timeout' => 5 * patience(), 'response_timeout' => 0.2 * patience()]);
$redis->on('close', static function ($redis) { echo "close ($redis->errCode)\n"; });
$redis->connect('127.0.0.1', $peer->where, static function ($redis) use (&$asked) {
    $redis->ping(static function ($redis, $reply) use (&$asked) {
        echo "$reply\n";
        $redis->blpop('list', 0, static function ($redis, $reply) {
            echo json_encode($reply), " ($redis->errCode)\n";
        });
        var_dump($redis->close(), @$redis->ping(static function () { echo "never\n"; }));
        $asked = microtime(true);
    });
});
unset($redis);
// Without the deadline nothing would end it.
$guard = Swoole\Timer::after((int) (10000 * patience()), static function () {
    echo "it still waits\n";
    exit;
});
while (Tether\Ledger::count() > 1) {
    Swoole\Event::dispatch();
}
Swoole\Timer::clear($guard);
var_dump(microtime(true) - $asked >= 0.19);
all_gone();
?>
--EXPECT--
PONG
bool(true)
bool(false)
false (110)
close (110)
bool(true)
no tether is left
