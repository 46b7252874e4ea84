--TEST--
Swoole\Table keeps typed rows: set merges, get, incr, decr, del, exist, count
--EXTENSIONS--
tether
pcntl
posix
--FILE--
<?php
require __DIR__ . "/shared.inc";
$t = new swoole_table(100);
foreach ([1, 2, 4, 8] as $size) {
    $t->column("i$size", Swoole\Table::TYPE_INT, $size);
}
var_dump($t->column('default', Swoole\Table::TYPE_INT), $t->column('f', Swoole\Table::TYPE_FLOAT), $t->column('s', Swoole\Table::TYPE_STRING, 10));
var_dump($t->create(), $t->size, $t->memorySize === $t->getMemorySize(), $t->memorySize > 1024 * 8);

$row = ['i1' => 300, 'i2' => 70000, 'i4' => 1 << 33 | 5, 'i8' => PHP_INT_MIN, 'default' => '42', 'f' => '1.5', 's' => 12345, 'unknown' => [], 7 => 1];
$same = $row;
var_dump($t->set('key', $row), $row === $same);
echo json_encode($t->get('key')), "\n";
var_dump($t->set('key', ['f' => 2]), $t->get('key', 'f'), $t->get('key', 's'), $t->get('key', 'i8') === PHP_INT_MIN);
var_dump($t->get('none'), $t->get('none', 'f'));

var_dump($t->incr('key', 'i1'), $t->incr('key', 'i1', 100), $t->decr('key', 'i4', 6), $t->incr('key', 'f', 0.25), $t->decr('key', 'f'));
var_dump($t->incr('new', 'i8', 5), $t->decr('other', 'f', 0.5), $t->count(), count($t));
var_dump($t->exist('new'), $t->exists('other'), $t->exist('none'), $t->del('new'), $t->del('new'), $t->count());

// Bytes are bytes, in keys and values; a number as a key is its text.
$t->set("\0\xff", ['s' => "\0\1\0"]);
$t->set(12, ['s' => '']);
var_dump(bin2hex($t->get("\0\xff", 's')), $t->get('12', 's'), $t->exist("\0"));
var_dump($t->destroy());
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
int(1024)
bool(true)
bool(true)
bool(true)
bool(true)
{"i1":44,"i2":4464,"i4":5,"i8":-9223372036854775808,"default":42,"f":1.5,"s":"12345"}
bool(true)
float(2)
string(5) "12345"
bool(true)
bool(false)
bool(false)
int(45)
int(-111)
int(-1)
float(2.25)
float(1.25)
int(5)
float(-0.5)
int(3)
int(3)
bool(true)
bool(true)
bool(false)
bool(true)
bool(false)
int(2)
string(6) "000100"
string(0) ""
bool(false)
bool(true)
