--TEST--
Swoole\Atomic: 32 bits that wrap; Atomic\Long: 64 bits with a sign
--EXTENSIONS--
tether
pcntl
posix
--FILE--
<?php
require __DIR__ . "/shared.inc";
$a = new swoole_atomic(5);
var_dump(get_class($a), $a->add(), $a->add(3), $a->sub(), $a->sub(9), $a->get(), $a->add(2), $a->set(1 << 32 | 7), $a->get());
var_dump($a->cmpset(6, 1), $a->cmpset(7, 1), $a->get());
var_dump((new Swoole\Atomic(-1))->get(), (new Swoole\Atomic)->get());
$l = new Swoole\Atomic\Long(PHP_INT_MAX);
var_dump(get_class(new swoole_atomic_long), $l->add(), $l->sub(2), $l->set(-3), $l->cmpset(-4, 0), $l->cmpset(-3, -9), $l->get());
var_dump(method_exists($l, 'wait'));
refused(fn () => $a->add('x'));
refused(fn () => $a->set());
refused(fn () => $a->__construct(1));
?>
--EXPECT--
string(13) "Swoole\Atomic"
int(6)
int(9)
int(8)
int(4294967295)
int(4294967295)
int(1)
NULL
int(7)
bool(false)
bool(true)
int(1)
int(4294967295)
int(0)
string(18) "Swoole\Atomic\Long"
int(-9223372036854775808)
int(9223372036854775806)
NULL
bool(false)
bool(true)
int(-9)
bool(false)
TypeError 0: Swoole\Atomic::add(): Argument #1 ($add_value) must be of type int, string given
ArgumentCountError 0: Swoole\Atomic::set() expects exactly 1 argument, 0 given
Error 0: The number exists already
