--TEST--
Swoole\Table as an array: Table\Row writes through, iteration, Countable
--EXTENSIONS--
tether
pcntl
posix
--FILE--
<?php
require __DIR__ . "/shared.inc";
$t = new Swoole\Table(1024);
$t->column('n', Swoole\Table::TYPE_INT);
$t->column('s', Swoole\Table::TYPE_STRING, 20);
$t->create();
var_dump($t instanceof ArrayAccess, $t instanceof Iterator, $t instanceof Countable);
$t['a'] = ['n' => 1, 's' => 'one'];
$row = $t['a'];
var_dump(get_class($row), $row instanceof swoole_table_row, $row->key, $row->value, $row['n'], isset($row['s']), isset($row['x']));
$row['n'] = '2';
$t['a']['s'] = 'two';
echo json_encode([$t->get('a'), $row->value, $t['a']->value]), "\n";
var_dump($t['none']->key, $t['none']->value, isset($t['none']), isset($t['a']));
$t['made']['n'] = 7;
var_dump($t->get('made'), $row['x']);
refused(function () use ($row) { unset($row['n']); });
refused(fn () => $row[] = 1);
refused(fn () => clone $row);
refused(fn () => serialize($row));
refused(function () { $bare = new Swoole\Table\Row; $bare['n'] = 1; });
unset($t['made']);
var_dump(count($t), $t->exist('made'));

foreach (range(1, 5) as $i) {
    $t["k$i"] = ['n' => $i];
}
$seen = [];
foreach ($t as $key => $values) {
    $seen[$key] = $values['n'];
    // Removing the row one stands on is safe, and so is adding.
    if ($key === 'k2') {
        $t->del($key);
    }
}
ksort($seen);
echo json_encode($seen), "\n";
$empty = new Swoole\Table(1024);
$empty->column('n', Swoole\Table::TYPE_INT);
$empty->create();
foreach ($empty as $none) {
    echo "never\n";
}
var_dump($empty->valid(), $empty->current(), $empty->key(), iterator_count($t), array_sum(array_column(iterator_to_array($t), 'n')));
// A row outlives its table's object.
$last = $t['k3'];
unset($t, $row);
$last['n'] = 33;
var_dump($last['n']);
?>
--EXPECTF--
bool(true)
bool(true)
bool(true)
string(16) "Swoole\Table\Row"
bool(true)
string(1) "a"
array(2) {
  ["n"]=>
  int(1)
  ["s"]=>
  string(3) "one"
}
int(1)
bool(true)
bool(false)
[{"n":2,"s":"two"},{"n":2,"s":"one"},{"n":2,"s":"two"}]
string(4) "none"
array(0) {
}
bool(false)
bool(true)

Warning: Swoole\Table\Row::offsetGet(): The row has no column x in %s on line %d
array(2) {
  ["n"]=>
  int(7)
  ["s"]=>
  string(0) ""
}
NULL
Error 0: A column of a row cannot be removed
Error 0: A column of a row needs a name
Error 0: Trying to clone an uncloneable object of class Swoole\Table\Row
Exception 0: Serialization of 'Swoole\Table\Row' is not allowed
Error 0: The row belongs to no table
int(1)
bool(false)
{"a":2,"k1":1,"k2":2,"k3":3,"k4":4,"k5":5}
bool(false)
NULL
NULL
int(5)
int(15)
int(33)
