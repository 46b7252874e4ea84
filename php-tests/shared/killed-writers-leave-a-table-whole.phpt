--TEST--
Writers that are killed leave a Table whole: no lock, no lost row, no half row
--EXTENSIONS--
tether
pcntl
posix
--FILE--
<?php
require __DIR__ . "/shared.inc";
$t = new Swoole\Table(1024);
$t->column('n', Swoole\Table::TYPE_INT, 8);
$t->column('s', Swoole\Table::TYPE_STRING, 200);
$t->create();
mt_srand(1);
$alive = new Swoole\Atomic\Long();
$half = 0;
for ($round = 0; $round < 60; $round++) {
    $alive->set(0);
    $ids = children(2, function (int $me) use ($t, $alive) {
        for ($i = 0;; $i++) {
            $key = 'key ' . $i % 5;
            $t->set($key, ['n' => $i % 200, 's' => str_repeat('x', $i % 200)]);
            $i % 3 && $t->del($key);
            $t->incr('sum', 'n');
            $alive->add();
        }
    });
    while ($alive->get() < 50 + mt_rand(0, 200)) {
    }
    foreach ($ids as $id) {
        kill9($id);
    }
    // Every row can be read and written at once, and is whole.
    for ($i = 0; $i < 5; $i++) {
        $row = $t->get("key $i");
        $half += $row && strlen($row['s']) !== $row['n'];
        $t->set("key $i", ['n' => 0, 's' => '']);
    }
    $t->incr('sum', 'n');
}
$rows = 0;
foreach ($t as $row) {
    $rows++;
}
var_dump($half, $rows, count($t));
// The whole room is there still.
for ($n = 0; @$t->set("more $n", ['n' => 1]); $n++) {
}
var_dump($n + 6, count($t));
?>
--EXPECT--
int(0)
int(6)
int(6)
int(1229)
int(1229)
