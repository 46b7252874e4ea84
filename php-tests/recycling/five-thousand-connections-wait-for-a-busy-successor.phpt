--TEST--
Thousands of idle connections, some with large halves of requests, wait while their next worker is busy, and none is lost; no descriptor is left open
--EXTENSIONS--
tether
--SKIPIF--
<?php
preg_match('~Max open files\s+(\d+)~', file_get_contents('/proc/self/limits'), $m) && $m[1] >= 11_000 || die('skip needs 11,000 descriptors');
?>
--FILE--
<?php
require __DIR__ . '/program.inc';

const IDLE = 5000;
const HALVES = 300;
[$server, $port, $log] = start_recycled(<<<'PHP'
    $serv->on('workerstart', function ($serv) {
        tell(['start', getmypid()]);
        // In its first turn, before anything that was sent to it is read.
        $serv->defer(function () {
            if (file_exists(FLAG)) {
                tell(['busy', getmypid()]);
                listen();
            }
        });
    });
    // It has given all away then.
    $serv->on('workerexit', function () {
        if (!isset($GLOBALS['left'])) {
            tell($GLOBALS['left'] = ['leaving', getmypid()]);
        }
    });
    // Nobody listens to so many.
    $serv->on('connect', fn () => null);
    define('FLAG', $flag);
PHP, variables: ['flag' => $flag = temp_path()]);
$old = hear_of($server, 'start')[1];
$get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
$answer = function ($stream) {
    $got = '';
    while (!str_ends_with($got, '}') && ($more = fread($stream, 65536)) !== '' && $more !== false) {
        $got .= $more;
    }
    return json_decode(explode("\r\n\r\n", $got, 2)[1] ?? '', true);
};
$fds = $streams = [];
for ($n = 0; $n < IDLE; $n++) {
    stream_set_timeout($streams[$n] = dial($port), 60);
    write_all($streams[$n], $get);
    $fds[$n] = $answer($streams[$n])['fd'];
    $base ??= fd_count($old) - 1;
}
$half = str_repeat('half ', 4000);
for ($n = 0; $n < HALVES; $n++) {
    write_all($streams[$n], "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 40000\r\n\r\n$half");
}
write_all(end($streams), $get);
$answer(end($streams));
echo fd_count($old) - $base, "\n";
touch($flag);
$server->signal(10);
$others = [];
$new = hear_of($server, 'busy', $others)[1];
in_array(['leaving', $old], $others) || hear_of($server, 'leaving');
// They are on their way now, more than a box holds; others may ask for them meanwhile.
foreach ($streams as $n => $stream) {
    write_all($stream, $n < HALVES ? $half : $get);
}
unlink($flag);
$server->say('go on');
$wrong = [];
foreach ($streams as $n => $stream) {
    $facts = $answer($stream);
    if ($facts === null || $facts['pid'] !== $new || $facts['fd'] !== $fds[$n] || ($n < HALVES && $facts['body'] !== $half . $half)) {
        $wrong[] = [$n, $facts];
    }
}
echo json_encode([count($wrong), array_slice($wrong, 0, 3)]), "\n";
$others = [];
hear_of($server, 'stop', $others);
echo fd_count($new) - $base, ' ', json_encode(is_alive($old) && wait_for(fn () => !is_alive($old)) === false), ' ', json_encode(array_filter($others, fn ($word) => $word[0] === 'close')), "\n";
array_map(fclose(...), $streams);
for ($closes = 0; $closes < IDLE && hear_of($server, 'close') !== null; $closes++);
echo json_encode(wait_for(fn () => fd_count($new) === $base, 20)), " $closes ", stop($server), "\n";
preg_match('~ends: reload.*~', file_get_contents($log), $line);
echo $line[0], "\n";
?>
--EXPECTF--
5000
[0,[]]
5000 false []
true 5000 0
ends: reload; %d KiB resident, 0 rows of the ledger left; 5001 requests served, 5000 connections handed over, 0 closed
