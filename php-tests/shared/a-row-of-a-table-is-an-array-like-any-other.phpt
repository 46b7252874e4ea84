--TEST--
What Table::get gives is an array of its own: it can be written to, its columns may have decimal names, and a column is found by any string
--EXTENSIONS--
tether
--FILE--
<?php
$t = new Swoole\Table(64);
foreach (['5', 'name', 'x', '7'] as $i => $column) {
    $t->column($column, $i === 1 ? Swoole\Table::TYPE_STRING : Swoole\Table::TYPE_INT, 8);
}
$t->create();
foreach (['', 'a', '1234567', '12345678'] as $text) {
    $t->set('key', ['5' => 1, 'name' => $text, 'x' => 2, '7' => 3]);
    $row = $t->get('key');
    var_dump($row === [5 => 1, 'name' => $text, 'x' => 2, 7 => 3], $t->get('key', 'name') === $text);
    $row[] = 'appended';
    $row['name'] = null;
    unset($row['x']);
    echo json_encode($row), "\n";
    var_dump($t->get('key') === [5 => 1, 'name' => $text, 'x' => 2, 7 => 3]);
}
// The names as PHP code has them: a literal, a string made just now, a reference, an int.
$made = implode('', ['na', 'me']);
$number = 5;
$reference = &$made;
var_dump($t->get('key', $made), $t->get('key', $number), $t->get("ke" . chr(121), 'x'), @$t->get('key', 'nam'));
$wide = new Swoole\Table(64);
$expected = [];
for ($i = 0; $i < 40; $i++) {
    $wide->column("column$i", Swoole\Table::TYPE_INT, 8);
    $expected["column$i"] = $i;
}
$wide->create();
$wide->set('key', $expected);
$row = $wide->get('key');
var_dump($row === $expected, $row['column39'], isset($row['column40']));
$t->destroy();
var_dump(count($row));
?>
--EXPECT--
bool(true)
bool(true)
{"5":1,"name":null,"7":3,"8":"appended"}
bool(true)
bool(true)
bool(true)
{"5":1,"name":null,"7":3,"8":"appended"}
bool(true)
bool(true)
bool(true)
{"5":1,"name":null,"7":3,"8":"appended"}
bool(true)
bool(true)
bool(true)
{"5":1,"name":null,"7":3,"8":"appended"}
bool(true)
string(8) "12345678"
int(1)
int(2)
bool(false)
bool(true)
int(39)
bool(false)
int(40)
