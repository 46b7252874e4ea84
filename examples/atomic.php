<?php
/**
 * Four processes add to one number; the last to finish wakes the parent.
 *
 *     php -d extension=... examples/atomic.php
 */
$sum = new Swoole\Atomic\Long();
$running = new Swoole\Atomic(4);
$done = new Swoole\Atomic();

for ($i = 1; $i <= 4; $i++) {
    if (pcntl_fork() === 0) {
        for ($n = 0; $n < 1000; $n++) {
            $sum->add($i);
        }
        if ($running->sub() === 0) {
            $done->wakeup();
        }
        exit(0);
    }
}
$done->wait(-1);
echo "sum: {$sum->get()}\n";
while (pcntl_wait($status) > 0) {
}
