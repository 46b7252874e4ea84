<?php
/**
 * Four processes share the work of one: each has a pipe, and the parent hears them on its loop.
 *
 *     php -d extension=tether examples/process.php
 */

$started = [];
foreach (range(0, 3) as $n) {
    $process = new Swoole\Process(function (Swoole\Process $process) {
        [$from, $to] = explode(' ', $process->read());
        $process->write((string) array_sum(range((int) $from, (int) $to)));
    });
    $process->start();
    $process->write(($n * 250 + 1) . ' ' . ($n + 1) * 250);
    $started[] = $process;
}

$sum = 0;
foreach ($started as $process) {
    Swoole\Event::add($process, function (Swoole\Process $process) use (&$sum) {
        $sum += (int) $process->read();
        Swoole\Event::del($process);
    });
}
Swoole\Process::signal(SIGCHLD, function () use (&$started) {
    while ($ended = Swoole\Process::wait(false)) {
        $started = array_filter($started, fn ($process) => $process->pid !== $ended['pid']);
    }
    if (!$started) {
        // The last callback is gone: the loop has nothing left to wait for.
        Swoole\Process::signal(SIGCHLD, null);
    }
});
Swoole\Event::wait();
echo "the numbers from 1 to 1000 add up to $sum\n";
