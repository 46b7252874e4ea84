--TEST--
Swoole\Table refuses with a warning and false what it cannot do, and warns when it cuts
--EXTENSIONS--
tether
pcntl
posix
--FILE--
<?php
require __DIR__ . "/shared.inc";
$t = new Swoole\Table(1024, 0.1);
foreach (['set' => ['k', []], 'get' => ['k'], 'del' => ['k'], 'exist' => ['k'], 'exists' => ['k'], 'incr' => ['k', 'c'], 'decr' => ['k', 'c'], 'count' => [], 'getMemorySize' => [], 'rewind' => [], 'destroy' => []] as $method => $args) {
    echo $method, ' ';
    refused(fn () => $t->$method(...$args));
}
refused(fn () => $t['k']);
var_dump(@$t->create());
var_dump($t->column('', Swoole\Table::TYPE_INT), $t->column('c', 99), $t->column('c', Swoole\Table::TYPE_STRING));
$t->column('c', Swoole\Table::TYPE_INT);
$t->column('s', Swoole\Table::TYPE_STRING, 3);
$t->create();
var_dump($t->create(), $t->column('d', Swoole\Table::TYPE_INT));
var_dump($t->get('k', 'd'), $t->incr('k', 'd'), $t->incr('k', 's'), $t->exist('k'));
var_dump($t->set('k', ['s' => 'abcd']), $t->get('k', 's'));
var_dump($t->set(str_repeat('x', 65), ['c' => 1]), $t->get(str_repeat('x', 64), 'c'), $t->del(str_repeat('x', 66)));

// Full: 20 % more than rows.
$t->del('k');
for ($n = 0; @$t->set("key $n", ['c' => $n]); $n++) {
}
var_dump($n, count($t));
var_dump($t->set('one more', ['c' => 1]), $t->incr('one more', 'c'), $t->exist('one more'));
var_dump($t->set('key 7', ['c' => -7]), $t->del('key 8'), $t->set('one more', ['c' => 1]), $t->get('key 7', 'c'));

// What throws in the middle of a conversion leaves the row as it was.
refused(fn () => $t->set('key 7', ['c' => 5, 's' => new class { function __toString(): string { throw new Exception('no'); } }]));
var_dump($t->get('key 7', 'c'));
refused(fn () => $t->set('key 7', ['s' => new stdClass]));
refused(fn () => $t[] = ['c' => 1]);
refused(fn () => $t['x'] = 1);
$t->destroy();
refused(fn () => $t->get('key 7'));
refused(fn () => new Swoole\Table());
class Bare extends Swoole\Table { function __construct() {} }
refused(fn () => (new Bare)->create());
ini_set('swoole.display_errors', 'off');
var_dump((new Swoole\Table(1))->create());
?>
--EXPECTF--
set Error 0: The table must be created first
get Error 0: The table must be created first
del Error 0: The table must be created first
exist Error 0: The table must be created first
exists Error 0: The table must be created first
incr Error 0: The table must be created first
decr Error 0: The table must be created first
count Error 0: The table must be created first
getMemorySize Error 0: The table must be created first
rewind Error 0: The table must be created first
destroy Error 0: The table must be created first
Error 0: The table must be created first
bool(false)

Warning: Swoole\Table::column(): A column needs a name in %s on line %d

Warning: Swoole\Table::column(): The column's type is none of TYPE_INT, TYPE_FLOAT, TYPE_STRING in %s on line %d

Warning: Swoole\Table::column(): A string column needs a size of at least 1 byte in %s on line %d
bool(false)
bool(false)
bool(false)

Warning: Swoole\Table::create(): The table is created already in %s on line %d

Warning: Swoole\Table::column(): The table is created: it takes no more columns in %s on line %d
bool(false)
bool(false)

Warning: Swoole\Table::get(): The table has no column d in %s on line %d

Warning: Swoole\Table::incr(): The table has no column d in %s on line %d

Warning: Swoole\Table::incr(): A string column is no number in %s on line %d
bool(false)
bool(false)
bool(false)
bool(false)

Warning: Swoole\Table::set(): The value of 4 bytes was cut: the column s holds 3 in %s on line %d
bool(true)
string(3) "abc"

Warning: Swoole\Table::set(): The key of 65 bytes was cut: a key has at most 64 in %s on line %d
bool(true)
int(1)
bool(true)
int(1229)
int(1229)

Warning: Swoole\Table::set(): The table is full: there is no memory for another row in %s on line %d

Warning: Swoole\Table::incr(): The table is full: there is no memory for another row in %s on line %d
bool(false)
bool(false)
bool(false)
bool(true)
bool(true)
bool(true)
int(-7)
Exception 0: no
int(-7)
Error 0: Object of class stdClass could not be converted to string
Error 0: A row of a table needs a key
TypeError 0: Swoole\Table::offsetSet(): Argument #2 ($value) must be of type array, int given
Error 0: The table must be created first
ArgumentCountError 0: Swoole\Table::__construct() expects at least 1 argument, 0 given
Error 0: The constructor of the table was not called
bool(false)
