--TEST--
Commands that wait when the connection ends are told so once, in order, before onClose
--EXTENSIONS--
tether
--SKIPIF--
<?php require __DIR__ . '/clients.inc'; skip_without('redis-server');
--FILE--
<?php
require __DIR__ . '/clients.inc';

$service = redis_start(0, ['requirepass' => 'secret']);
$told = $gone = [];
function store(string $name, int $port, array $setting, ?callable $use): void
{
    global $told, $gone;
    $redis = new Swoole\Redis($setting);
    $redis->on('close', function ($redis) use ($name) {
        $GLOBALS['told'][$name][] = "close $redis->errCode";
    });
    $redis->connect('127.0.0.1', $port, function ($redis, $ok) use ($name, $use) {
        $GLOBALS['told'][$name][] = $ok ? 'connected' : "failed $redis->errCode $redis->errMsg";
        if ($ok && $use) {
            $use($redis, fn ($n) => function ($redis, $result) use ($name, $n) {
                $GLOBALS['told'][$name][] = "$n " . json_encode($result) . " $redis->errCode";
            });
        }
    });
    $gone[$name] = WeakReference::create($redis);
}
$two = function ($redis, $tell) {
    $redis->get('a', $tell('a'));
    $redis->get('b', $tell('b'));
};
$full = full_backlog_listener();
store('refused', refusing_port(), [], null);
store('connect timeout', $full->port, ['timeout' => 0.1], null);
store('wrong password', $service->port, ['password' => 'wrong'], null);
store('closes', ($p[] = closing_peer(1))->where, [], $two);
store('closes on three', ($p[] = closing_peer(1))->where, [], function ($redis, $tell) use ($two) {
    $two($redis, $tell);
    $redis->get('c', $tell('c'));
});
store('resets', ($p[] = reset_peer(1))->where, [], $two);
store('silent', ($p[] = silent_peer())->where, ['response_timeout' => 0.1 * patience()], $two);
store('idle', ($p[] = silent_peer())->where, ['idle_timeout' => 0.1 * patience()], null);
store('answers one', ($p[] = peer(['answer' => "+ONE\r\n", 'after' => 1]))->where, [], $two);
store('nonsense', ($p[] = answering_peer("nonsense\r\n"))->where, [], $two);
store('own close', $service->port, ['password' => 'secret'], function ($redis, $tell) use ($two) {
    $two($redis, $tell);
    $redis->close();
});
store('own close, silent', ($p[] = silent_peer())->where, ['response_timeout' => 0.1 * patience()], function ($redis, $tell) use ($two) {
    $two($redis, $tell);
    $redis->close();
});
after_loop(function () use (&$told, &$gone) {
    foreach ($gone as $name => $_) {
        echo "$name: ", implode(', ', $told[$name]), "\n";
    }
    all_gone(...$gone);
});
?>
--EXPECT--
refused: failed 111 Connection refused
connect timeout: failed 110 Connection timed out
wrong password: failed 0 WRONGPASS invalid username-password pair or user is disabled., close 0
closes: connected, a false 104, b false 104, close 104
closes on three: connected, a false 104, b false 104, c false 104, close 104
resets: connected, a false 104, b false 104, close 104
silent: connected, a false 110, b false 110, close 110
idle: connected, close 110
answers one: connected, a "ONE" , b false 104, close 104
nonsense: connected, a false 104, b false 104, close 104
own close: connected, a null , b null , close 
own close, silent: connected, a false 110, b false 110, close 110
no tether is left
