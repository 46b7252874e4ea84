--TEST--
Swoole\Buffer: append, write, read, substr, expand, recycle, clear and their errors
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . "/shared.inc";
$b = new swoole_buffer();
var_dump(get_class($b), $b->capacity, $b->length, (string) $b);
var_dump($b->append('hello'), $b->append(' world'), $b->length, "$b");
var_dump($b->write(6, 'W'), $b->write(-1, 'D!'), $b->write(12, '?'), (string) $b, $b->length);
var_dump($b->read(0, 5), $b->read(-6, 6), $b->read(6, 1));
var_dump($b->substr(6), $b->substr(0, 6, true), (string) $b, $b->length, $b->substr(1, 2, true), (string) $b);
var_dump($b->expand(1000), $b->capacity, $b->recycle(), $b->clear(), $b->length, (string) $b, $b->capacity);
var_dump($b->append(str_repeat('x', 3000)), $b->capacity);

echo "-- refused\n";
var_dump($b->append(''), $b->write(0, ''), $b->write(3001, 'x'), $b->write(-3001, 'x'));
var_dump($b->read(0, 3001), $b->read(3000, 1), $b->read(-3001, 1), $b->substr(0, 0), $b->expand(4096), $b->expand(1 << 28));
var_dump($b->length);
$big = new Swoole\Buffer(128 << 20);
$all = str_repeat('x', 64 << 20);
var_dump($big->append($all), $big->append($all), $big->append('x'), $big->length === 128 << 20);
unset($big, $all);
refused(fn () => new Swoole\Buffer(0));
refused(fn () => new Swoole\Buffer((128 << 20) + 1));
refused(fn () => $b->read(1));
refused(fn () => clone $b);
refused(fn () => serialize($b));
?>
--EXPECTF--
string(13) "Swoole\Buffer"
int(128)
int(0)
string(0) ""
int(5)
int(11)
int(11)
string(11) "hello world"
int(11)
int(12)
int(13)
string(13) "hello WorlD!?"
int(13)
string(5) "hello"
string(6) "orlD!?"
string(1) "W"
string(7) "WorlD!?"
string(6) "hello "
string(7) "WorlD!?"
int(7)
string(2) "or"
string(5) "WlD!?"
int(1000)
int(1000)
bool(true)
bool(true)
int(0)
string(0) ""
int(1000)
int(3000)
int(4096)
-- refused

Warning: Swoole\Buffer::append(): The data is empty in %s on line %d

Warning: Swoole\Buffer::write(): The data is empty in %s on line %d

Warning: Swoole\Buffer::write(): The offset lies outside of the buffer in %s on line %d

Warning: Swoole\Buffer::write(): The offset lies outside of the buffer in %s on line %d
bool(false)
bool(false)
bool(false)
bool(false)

Warning: Swoole\Buffer::read(): The offset and the length reach outside of the buffer in %s on line %d

Warning: Swoole\Buffer::read(): The offset and the length reach outside of the buffer in %s on line %d

Warning: Swoole\Buffer::read(): The offset and the length reach outside of the buffer in %s on line %d

Warning: Swoole\Buffer::substr(): The offset and the length reach outside of the buffer in %s on line %d

Warning: Swoole\Buffer::expand(): The new size must be larger than the present one in %s on line %d

Warning: Swoole\Buffer::expand(): A buffer has at most 134217728 bytes in %s on line %d
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
int(3000)

Warning: Swoole\Buffer::append(): A buffer has at most 134217728 bytes in %s on line %d
int(67108864)
int(134217728)
bool(false)
bool(true)
Swoole\Exception 0: The buffer's size must be between 1 and 134217728 bytes
Swoole\Exception 0: The buffer's size must be between 1 and 134217728 bytes
ArgumentCountError 0: Swoole\Buffer::read() expects exactly 2 arguments, 1 given
Error 0: Trying to clone an uncloneable object of class Swoole\Buffer
Exception 0: Serialization of 'Swoole\Buffer' is not allowed
