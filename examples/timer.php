<?php
/**
 * Timers: one that ticks and ends itself, one that fires once, and one that is cleared before its time.
 *
 *     php -d extension=tether examples/timer.php
 */

use Swoole\Timer;

$left = 3;
Timer::tick(10, function (int $id, string $what) use (&$left) {
    echo "$what, $left left\n";
    if (--$left === 0) {
        Timer::clear($id);
        // What is passed behind the callback is passed on to it, and released when it has run.
        Timer::after(10, fn (string $word) => print("$word\n"), 'the end');
    }
}, 'a tick');

$never = Timer::after(60_000, fn () => print("never\n"));
echo 'cleared: ', json_encode(Timer::clear($never)), ', exists: ', json_encode(Timer::exists($never)), "\n";
// The script's end runs the loop until no timer is left.
