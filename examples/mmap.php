<?php
/**
 * A counter in a file that two processes have mapped: what one writes, the other one reads at once.
 *
 *     php -d extension=tether examples/mmap.php
 */

$file = tempnam(sys_get_temp_dir(), 'tether');
file_put_contents($file, str_pad('0', 8));
$map = Swoole\Mmap::open($file);

$child = new Swoole\Process(function (Swoole\Process $process) use ($map) {
    for ($i = 1; $i <= 1000; $i++) {
        rewind($map);
        fwrite($map, str_pad((string) $i, 8));
    }
    $process->write('done');
});
$child->start();
$child->read();
Swoole\Process::wait();

rewind($map);
echo 'the child counted to ', trim(fread($map, 8)), "\n";
unlink($file);
