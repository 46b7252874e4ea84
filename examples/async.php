<?php
/**
 * A file is written, read in chunks and counted by another program, all while a timer ticks.
 *
 *     php -d extension=tether examples/async.php
 */

use Swoole\Async;

$file = tempnam(sys_get_temp_dir(), 'tether');
$timer = Swoole\Timer::tick(1, function () use (&$ticks) {
    $ticks++;
});

Async::writeFile($file, str_repeat("a line\n", 100000), function ($file, $written) use ($timer, &$ticks) {
    echo "$written bytes written\n";
    $lines = 0;
    Async::read($file, function ($file, $chunk) use (&$lines, $timer, &$ticks) {
        if ($chunk !== '') {
            $lines += substr_count($chunk, "\n");
            return true;
        }
        echo "$lines lines read\n";
        Async::exec('wc -l < ' . escapeshellarg($file), function ($output, $status) use ($file, $timer, &$ticks) {
            echo trim($output), " lines counted, exit code {$status['code']}\n";
            echo 'the timer ticked meanwhile: ', $ticks > 0 ? 'yes' : 'no', "\n";
            unlink($file);
            Swoole\Timer::clear($timer);
        });
        return false;
    });
});
