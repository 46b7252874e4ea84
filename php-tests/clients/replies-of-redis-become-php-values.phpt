--TEST--
Each reply of Redis is a PHP value, in the order of the commands
--EXTENSIONS--
tether
--SKIPIF--
<?php require __DIR__ . '/clients.inc'; skip_without('redis-server');
--FILE--
<?php
require __DIR__ . '/clients.inc';

$service = redis_start(0, ['requirepass' => 'secret']);
$redis = new swoole_redis(['password' => 'secret', 'database' => 3]);
var_dump($redis->getState() === swoole_redis::STATE_CONNECT);
$redis->on('close', function ($redis) { echo "close\n"; });
$redis->connect('127.0.0.1', $service->port, function ($redis, $ok) {
    var_dump($ok, $redis->getState() === Swoole\Redis::STATE_READY);
    $show = function ($redis, $result) {
        echo json_encode($result), $result === false ? " $redis->errCode $redis->errMsg" : '', "\n";
    };
    $redis->SET('float', 1.5, $show);
    $redis->get('float', $show);
    $redis->get('nothing', $show);
    $redis->incr('number', $show);
    $redis->rpush('list', 'a', 'b', 3, $show);
    $redis->lrange('list', 0, -1, $show);
    $redis->lpush('number', 1, $show);
    $redis->eval("return {1, {'x', {err='ERR inner'}}, redis.status_reply('')}", 0, $show);
    $redis->hset('hash', 'k', 'v', $show);
    $redis->hello(3, fn () => null);
    $redis->hgetall('hash', $show);
    $redis->get('nothing', $show);
    var_dump($redis->getState() === Swoole\Redis::STATE_WAIT_RESULT);
    var_dump($redis->get('no callback'), $redis->subscribe('channel', $show));
    var_dump($redis->close());
    var_dump($redis->get('too late', $show));
});
var_dump($redis->get('too early', fn () => null));
$gone = WeakReference::create($redis);
unset($redis);
after_loop(fn () => all_gone(redis: $gone));
?>
--EXPECTF--
bool(true)

Warning: Swoole\Redis::__call(): Unable to send the command get: not connected in %s on line %d
bool(false)
bool(true)
bool(true)
bool(true)

Warning: Swoole\Redis::__call(): The last argument of a command must be its callback: function "no callback" not found or invalid function name in %s on line %d

Warning: Swoole\Redis::__call(): Unable to send the command subscribe: the command does not fit the connection's mode: subscribing needs on('message') before connect() in %s on line %d
bool(false)
bool(false)
bool(true)

Warning: Swoole\Redis::__call(): Unable to send the command get: the connection is being closed in %s on line %d
bool(false)
"OK"
"1.5"
null
1
3
["a","b","3"]
false -1 WRONGTYPE Operation against a key holding the wrong kind of value
[1,["x",false],true]
1
{"k":"v"}
null
close
no tether is left
