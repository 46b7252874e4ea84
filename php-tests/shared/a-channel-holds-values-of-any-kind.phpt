--TEST--
Swoole\Channel: values of any kind, bounds, statistics, errors
--EXTENSIONS--
tether
pcntl
posix
--FILE--
<?php
require __DIR__ . "/shared.inc";
$c = new swoole_channel(100);
var_dump(get_class($c), $c->pop(), $c->peek(), $c->stats() === ['queue_num' => 0, 'queue_bytes' => 0]);
class Point { function __construct(public int $x) {} }
$values = [null, false, true, 0, -5, 1.5, '', "\0bytes", [1, ['a' => null]], new Point(7), str_repeat('x', 5000)];
foreach ($values as $value) {
    $c->push($value) || print("refused\n");
}
var_dump($c->stats()['queue_num'] === count($values), $c->peek(), $c->stats()['queue_num'] === count($values));
foreach ($values as $value) {
    $got = $c->pop();
    if (is_object($value) ? $got != $value : $got !== $value) {
        var_dump($value, $got);
    }
}
var_dump($c->stats());

// 8192 bytes are the least; each value takes 8 bytes more, and whole words.
for ($n = 0; $c->push('12345678'); $n++) {
}
var_dump($n, $c->stats()['queue_bytes'], $c->push(''), $c->pop(), $c->push('12345678'), $c->push(''));
var_dump($c->push(str_repeat('x', 8185)));
refused(fn () => $c->push(fn () => 1));
refused(fn () => new Swoole\Channel());
refused(fn () => $c->__construct(1));
refused(fn () => $c->push());
refused(fn () => clone $c);
refused(fn () => serialize($c));
refused(fn () => (new ReflectionClass($c))->newInstanceWithoutConstructor()->pop());

// A value that throws while it is made again is gone from the queue.
class Bad { function __wakeup() { throw new Exception('not me'); } }
$c = new Swoole\Channel(1);
$c->push(new Bad);
$c->push('next');
refused(fn () => $c->pop());
var_dump($c->pop());
?>
--EXPECTF--
string(14) "Swoole\Channel"
bool(false)
bool(false)
bool(true)
bool(true)
NULL
bool(true)
array(2) {
  ["queue_num"]=>
  int(0)
  ["queue_bytes"]=>
  int(0)
}
int(512)
int(4096)
bool(false)
string(8) "12345678"
bool(true)
bool(false)

Warning: Swoole\Channel::push(): The value is larger than the channel in %s on line %d
bool(false)
Exception 0: Serialization of 'Closure' is not allowed
ArgumentCountError 0: Swoole\Channel::__construct() expects exactly 1 argument, 0 given
Error 0: The channel exists already
ArgumentCountError 0: Swoole\Channel::push() expects exactly 1 argument, 0 given
Error 0: Trying to clone an uncloneable object of class Swoole\Channel
Exception 0: Serialization of 'Swoole\Channel' is not allowed
Error 0: The constructor of the channel was not called
Exception 0: not me
string(4) "next"
