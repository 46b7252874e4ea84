--TEST--
Swoole\Redis: unix sockets, accounts, transactions, scripts, blocking commands, RESP3, big replies
--EXTENSIONS--
tether
--INI--
memory_limit=512M
--SKIPIF--
<?php require __DIR__ . '/clients.inc'; skip_without('redis-server');
--FILE--
<?php
require __DIR__ . '/clients.inc';

/** Runs commands one after the other: [name, arguments..., what tells the result (null: as JSON)]. */
function commands(array $setting, string $host, int $port, array $commands): void
{
    $redis = new Swoole\Redis($setting);
    $redis->on('close', static fn ($redis) => print("close\n"));
    $redis->connect($host, $port, static function ($redis, $ok) use ($commands) {
        if (!$ok) {
            echo "$redis->errCode ", strtok($redis->errMsg, ' '), "\n";
            return;
        }
        foreach ($commands as $n => [$command, $tell]) {
            $words = is_array($command) ? $command : explode(' ', $command);
            $last = $n === array_key_last($commands);
            $redis->__call(array_shift($words), [...$words, static function ($redis, $result) use ($tell, $last) {
                echo $tell ? $tell($result) : json_encode($result) . ($result === false ? " $redis->errCode " . strtok($redis->errMsg, ' ') : ''), "\n";
                $last && $redis->close();
            }]);
        }
    });
    $gone = WeakReference::create($redis);
    unset($redis);
    Swoole\Event::wait();
    $gone->get() && print("it lives on\n");
}

$socket = temp_path('.sock');
$service = redis_start(0, ['unixsocket' => $socket, 'enable-debug-command' => 'yes']);
$at = ['127.0.0.1', $service->port];
echo "--- unix socket\n";
commands(['database' => 1], "unix:$socket", 0, [['SET where here', null]]);
commands([], ...[...$at, [['get where', null], ['SELECT 1', null], ['get where', null]]]);
echo "--- accounts\n";
commands([], ...[...$at, [['ACL SETUSER ann on >word ~* +get +select', null]]]);
commands(['username' => 'ann', 'password' => 'word'], ...[...$at, [['get a', null], ['set a b', null]]]);
commands(['username' => 'ann', 'password' => 'wrong'], ...[...$at, []]);
commands(['username' => 'ann', 'password' => 'word', 'database' => 99], ...[...$at, []]);
echo "--- transactions and scripts\n";
commands([], ...[...$at, [
    ['MULTI', null], ['SET n 1', null], ['INCR n', null], ['LPUSH n x', null], ['EXEC', null],
    ['MULTI', null], ['NONSENSE', null], ['EXEC', null], ['MULTI', null], ['DISCARD', null],
    [['EVAL', 'return {ARGV[1], redis.call("GET", KEYS[1])}', 1, 'n', 'arg'], null],
    [['SCRIPT', 'LOAD', 'return 7'], static fn ($sha) => strlen($sha)],
    [['EVALSHA', sha1('return 7'), 0], null],
    [['EVALSHA', sha1('return 8'), 0], null],
]]);
echo "--- blocking\n";
// Its own time counts, not the response deadline; a reply that comes before it is told.
commands(['response_timeout' => 0.05], ...[...$at, [['BLPOP nothing 0.2', null]]]);
$waits = new Swoole\Redis(['response_timeout' => 0.05]);
$waits->connect('127.0.0.1', $service->port, static function ($waits) use ($at) {
    $waits->brpop('queue', 0, static function ($waits, $result) {
        echo json_encode($result), "\n";
        $waits->close();
    });
    Swoole\Timer::after(150, static function () use ($at) {
        $other = new Swoole\Redis();
        $other->connect(...[...$at, static fn ($other) => $other->lpush('queue', 'job', static fn ($other) => $other->close())]);
    });
});
unset($waits);
Swoole\Event::wait();
echo "--- RESP3\n";
commands([], ...[...$at, [
    ['HELLO 3', static fn ($map) => $map['proto']],
    ['DEBUG PROTOCOL map', null], ['DEBUG PROTOCOL set', null], ['DEBUG PROTOCOL double', null],
    ['DEBUG PROTOCOL true', null], ['DEBUG PROTOCOL false', static fn ($value) => var_export($value, true)],
    ['DEBUG PROTOCOL bignum', null], ['DEBUG PROTOCOL verbatim', null], ['DEBUG PROTOCOL null', null],
    ['DEBUG PROTOCOL attrib', null],
    ['ZADD z 1.5 a', null], ['ZSCORE z a', null],
    // What is pushed answers no command.
    ['CLIENT TRACKING on', null], ['GET n', null], ['SET n 5', null], ['GET n', null],
]]);
echo "--- big\n";
commands(['response_timeout' => 60 * patience()], ...[...$at, [
    [['SET', 'big', str_repeat('x', 64 << 20)], null],
    ['GET big', static fn ($value) => strlen($value) . ' ' . strspn($value, 'x')],
    [['EVAL', 'local t = {} for i = 1, 1000000 do t[i] = i end return t', 0], static fn ($list) => count($list) . ' ' . end($list)],
    ['PING', null],
]]);
echo "--- subscriptions\n";
$redis = new Swoole\Redis();
$redis->on('message', static function ($redis, $message) {
    // In which order it leaves them all is the server's affair.
    echo json_encode($message[0] === 'unsubscribe' ? [$message[0], $message[2]] : $message), "\n";
    match ($message) {
        ['psubscribe', 'p*', 3] => $redis->unsubscribe(),
        ['punsubscribe', 'p*', 0] => $redis->subscribe('again'),
        ['subscribe', 'again', 1] => $redis->close(),
        default => $message[0] === 'unsubscribe' && $message[2] === 1 ? $redis->punsubscribe() : null,
    };
});
$redis->on('close', static fn () => print("close\n"));
$redis->connect('127.0.0.1', $service->port, static function ($redis) {
    $redis->subscribe('a', 'b');
    $redis->psubscribe('p*');
});
$gone = WeakReference::create($redis);
unset($redis);
Swoole\Event::wait();
all_gone(redis: $gone);
?>
--EXPECT--
--- unix socket
"OK"
close
null
"OK"
"here"
close
--- accounts
"OK"
close
null
false -1 NOPERM
close
0 WRONGPASS
close
0 ERR
close
--- transactions and scripts
"OK"
"QUEUED"
"QUEUED"
"QUEUED"
["OK",2,false]
"OK"
false -1 ERR
false -1 EXECABORT
"OK"
"OK"
["arg","2"]
40
7
false -1 NOSCRIPT
close
--- blocking
null
close
["queue","job"]
--- RESP3
3
[false,true,false]
[0,1,2]
3.141
true
false
"1234567999999999999999999999999999999"
"This is a verbatim\nstring"
null
"Some real reply following the attribute"
1
1.5
"OK"
"2"
"OK"
"5"
close
--- big
"OK"
67108864 67108864
1000000 1000000
"PONG"
close
--- subscriptions
["subscribe","a",1]
["subscribe","b",2]
["psubscribe","p*",3]
["unsubscribe",2]
["unsubscribe",1]
["punsubscribe","p*",0]
["subscribe","again",1]
close
no tether is left
