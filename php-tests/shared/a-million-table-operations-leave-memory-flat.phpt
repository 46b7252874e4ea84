--TEST--
A million operations on a Table leave memory where it was
--EXTENSIONS--
tether
pcntl
posix
--FILE--
<?php
require __DIR__ . "/shared.inc";
require __DIR__ . "/../_support/harness.inc";
$t = new Swoole\Table(1024);
$t->column('n', Swoole\Table::TYPE_INT, 8);
$t->column('s', Swoole\Table::TYPE_STRING, 64);
$t->create();
$n = 0;
$once = static function () use ($t, &$n): void {
    for ($i = 0; $i < 10; $i++) {
        $key = 'key ' . $n++ % 1100;
        $t->set($key, ['n' => $n, 's' => $key]);
        $t->get($key);
        $t->get($key, 's');
        $t->incr($key, 'n');
        $t[$key]['n'] = 1;
        $t->exist($key);
        $n % 3 || $t->del($key);
    }
    if ($n % 10000 === 0) {
        foreach ($t as $key => $row) {
        }
    }
};
var_dump(stays_flat($once, 1000, 15000));
$once = static function (): void {
    $t = new Swoole\Table(1024);
    $t->column('s', Swoole\Table::TYPE_STRING, 64);
    $t->create();
    $t->set('a', ['s' => 'x']);
    $row = $t['a'];
    $a = new Swoole\Atomic(1);
    $l = new Swoole\Lock();
    $c = new Swoole\Channel(1);
    $b = new Swoole\Buffer();
    $b->append(str_repeat('x', 1000));
    $c->push([$b->substr(0)]);
    $c->pop();
};
var_dump(stays_flat($once, 200, 3000));
?>
--EXPECT--
bool(true)
bool(true)
