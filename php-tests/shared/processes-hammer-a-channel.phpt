--TEST--
Processes hammer a Channel: every value comes out once, and killed ones leave it whole
--EXTENSIONS--
tether
pcntl
posix
--FILE--
<?php
require __DIR__ . "/shared.inc";
$c = new Swoole\Channel(8192);
$sum = new Swoole\Atomic\Long();
$count = new Swoole\Atomic();
const EACH = 5000;
$writers = children(3, function (int $me) use ($c) {
    for ($i = 1; $i <= EACH; $i++) {
        $value = $i % 3 ? $i : ['n' => $i, 'pad' => str_repeat('p', $i % 300)];
        while (!$c->push($value)) {
            usleep(100);
        }
    }
});
$readers = children(2, function () use ($c, $sum, $count) {
    while ($count->get() < 3 * EACH) {
        $value = $c->pop();
        if ($value === false) {
            usleep(100);
            continue;
        }
        if (is_array($value) && strlen($value['pad']) !== $value['n'] % 300) {
            $sum->add(1 << 40);
        }
        $sum->add(is_array($value) ? $value['n'] : $value);
        $count->add();
    }
});
wait_all($writers);
wait_all($readers);
var_dump($sum->get() === 3 * EACH * (EACH + 1) / 2, $count->get(), $c->stats()['queue_num']);

$alive = new Swoole\Atomic\Long();
$wrong = 0;
mt_srand(1);
for ($round = 0; $round < 60; $round++) {
    $alive->set(0);
    $ids = children(2, function (int $me) use ($c, $alive) {
        for ($i = 0;; $i++) {
            $me ? $c->pop() : $c->push(str_repeat('x', $i % 100));
            $alive->add();
        }
    });
    $until = 50 + mt_rand(0, 300);
    while ($alive->get() < $until) {
    }
    foreach ($ids as $id) {
        kill9($id);
    }
    $stats = $c->stats();
    while (is_string($value = $c->pop())) {
        $stats['queue_num']--;
        $stats['queue_bytes'] -= strlen($value);
        $wrong += trim($value, 'x') !== '';
    }
    $wrong += $stats !== ['queue_num' => 0, 'queue_bytes' => 0];
}
var_dump($wrong);
?>
--EXPECT--
bool(true)
int(15000)
int(0)
int(0)
