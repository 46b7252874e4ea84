<?php
/**
 * A parent hands jobs to two children through one queue, and gets the answers through another.
 *
 *     php -d extension=... examples/channel.php
 */
$jobs = new Swoole\Channel(1 << 16);
$answers = new Swoole\Channel(1 << 16);

foreach (range(1, 10) as $n) {
    $jobs->push(['square', $n]);
}
echo "{$jobs->stats()['queue_num']} jobs\n";
for ($i = 0; $i < 2; $i++) {
    if (pcntl_fork() === 0) {
        while ([$what, $n] = $jobs->pop()) {
            $answers->push($n * $n);
        }
        exit(0);
    }
}
while (pcntl_wait($status) > 0) {
}
$sum = 0;
while (($answer = $answers->pop()) !== false) {
    $sum += $answer;
}
echo "sum of the squares: $sum\n";
