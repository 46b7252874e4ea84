--TEST--
Processes hammer a Table: no count is lost, no row is ever half written
--EXTENSIONS--
tether
pcntl
posix
--FILE--
<?php
require __DIR__ . "/shared.inc";
$t = new Swoole\Table(1024);
$t->column('n', Swoole\Table::TYPE_INT, 8);
$t->column('f', Swoole\Table::TYPE_FLOAT);
$t->column('s', Swoole\Table::TYPE_STRING, 40);
$t->create();
$broken = new Swoole\Atomic();
const PROCESSES = 5;
const ROUNDS = 6000;
wait_all(children(PROCESSES, function (int $me) use ($t, $broken) {
    mt_srand($me);
    for ($i = 1; $i <= ROUNDS; $i++) {
        $t->incr('hot', 'n');
        $t->incr('hot', 'f', 0.5);
        $t->incr('key ' . $i % 97, 'n', 2);
        $text = str_repeat(chr(65 + $i % 26), $i % 41);
        $t->set('shared', ['n' => $i, 's' => $text, 'f' => strlen($text)]);
        $seen = $t->get('shared');
        if ($seen && (strlen($seen['s']) !== (int) $seen['f'] || $seen['s'] !== str_repeat(chr(65 + $seen['n'] % 26), $seen['n'] % 41))) {
            $broken->add();
        }
        // Rows that come and go.
        $own = "own $me " . mt_rand(0, 50);
        mt_rand(0, 1) ? $t->set($own, ['n' => $me]) : $t->del($own);
        if ($i % 500 === 0) {
            foreach ($t as $key => $row) {
                if (str_starts_with($key, 'own ') && $row['n'] !== (int) $key[4]) {
                    $broken->add();
                }
            }
            $t->del('shared');
        }
    }
}));
var_dump($broken->get(), $t->get('hot', 'n') === PROCESSES * ROUNDS, $t->get('hot', 'f') === 0.5 * PROCESSES * ROUNDS);
$sum = 0;
$rows = 0;
foreach ($t as $key => $row) {
    $rows++;
    $sum += str_starts_with($key, 'key ') ? $row['n'] : 0;
}
var_dump($sum === 2 * PROCESSES * ROUNDS, $rows === count($t));
?>
--EXPECT--
int(0)
bool(true)
bool(true)
bool(true)
bool(true)
