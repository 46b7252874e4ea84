<?php // What loading the extension adds to `php -n`: the difference of two medians, in milliseconds.
[, $php, $extension, $runs] = $argv;
$commands = [
    [$php, '-n', '-r', ''],
    [$php, '-n', '-d', "extension=$extension", '-r', ''],
];
$times = [[], []];
for ($run = 0; $run < $runs; $run++) {
    foreach ($commands as $which => $command) {
        $start = hrtime(true);
        proc_close(proc_open($command, [], $pipes));
        $times[$which][] = (hrtime(true) - $start) / 1e6;
    }
}
foreach ($times as &$list) {
    sort($list);
}
printf("%.2f %.2f\n", $times[0][$runs >> 1], $times[1][$runs >> 1]);
