--TEST--
Processes add to an Atomic, wait for it and wake each other
--EXTENSIONS--
tether
pcntl
posix
--FILE--
<?php
require __DIR__ . "/shared.inc";
$sum = new Swoole\Atomic();
$long = new Swoole\Atomic\Long();
$won = new Swoole\Atomic();
wait_all(children(4, function () use ($sum, $long, $won) {
    for ($i = 1; $i <= 50000; $i++) {
        $sum->add(2);
        $long->sub($i);
        if ($won->cmpset(0, 1)) {
            $long->add(1 << 40);
        }
    }
}));
var_dump($sum->get(), $long->get() === (1 << 40) - 4 * 50000 * 50001 / 2);

// A 1 is taken at once; without one it waits as long as it should.
$turn = new Swoole\Atomic(1);
var_dump($turn->wait(), $turn->get());
$since = microtime(true);
var_dump($turn->wait(0.05), microtime(true) - $since >= 0.05);
var_dump($turn->wakeup(), $turn->wait(-1));

// Ping-pong.
$ping = new Swoole\Atomic();
$pong = new Swoole\Atomic();
$ids = children(1, function () use ($ping, $pong, $sum) {
    for ($i = 0; $i < 2000; $i++) {
        $ping->wait(-1) && $sum->add();
        $pong->wakeup();
    }
});
$sum->set(0);
for ($i = 0; $i < 2000; $i++) {
    $ping->wakeup();
    $pong->wait(0) && $sum->add();
}
wait_all($ids);
var_dump($sum->get());

// Several sleepers wake together.
$ready = new Swoole\Atomic();
$gate = new Swoole\Atomic();
$ids = children(3, function () use ($gate, $ready, $sum) {
    $ready->add();
    while (!$gate->wait(5)) {
    }
    $sum->add();
});
while ($ready->get() < 3) {
    usleep(1000);
}
$sum->set(0);
while ($sum->get() < 3) {
    $gate->wakeup(3);
    usleep(1000);
}
wait_all($ids);
var_dump($sum->get());
?>
--EXPECT--
int(400000)
bool(true)
bool(true)
int(0)
bool(false)
bool(true)
bool(true)
bool(true)
int(4000)
int(3)
