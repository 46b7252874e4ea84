--TEST--
A late tick fires once and keeps its schedule; clearing works from other timers
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\{Event, Timer};

$every = (int) (200 * patience());
// A machine that stalls for half an interval shows nothing: then it is tried again.
do {
    $start = hrtime(true);
    $late = 0;
    $at = [];
    $tick = Timer::tick($every, static function () use (&$at, $start, $every) {
        $at[] = intdiv(hrtime(true) - $start, 1_000_000);
        if (count($at) === 1) {
            usleep(2500 * $every);
        }
    });
    Timer::after((int) (5.5 * $every), static function () use ($tick) {
        Timer::clear($tick);
    });
    Event::wait();
} while ($at[1] >= 4 * $every);
// At 200, once after the sleep that ended at 700, then by the schedule again: 800, 1000.
var_dump(count($at) <= 4, count($at) >= 3, $at[1] >= 3.5 * $every);
foreach (array_slice($at, 2) as $time) {
    $late = max($late, $time % $every);
}
var_dump($late < $every / 2, ledger_empty());
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
