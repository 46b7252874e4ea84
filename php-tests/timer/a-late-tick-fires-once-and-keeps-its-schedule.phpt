--TEST--
A late tick fires once and keeps its schedule; clearing works from other timers
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\{Event, Timer};

$start = hrtime(true);
$late = 0;
$at = [];
$tick = Timer::tick(200, static function () use (&$at, $start) {
    $at[] = intdiv(hrtime(true) - $start, 1_000_000);
    if (count($at) === 1) {
        usleep(500_000);
    }
});
Timer::after(1100, static function () use ($tick) {
    Timer::clear($tick);
});
Event::wait();
// At 200, once after the sleep that ended at 700, then by the schedule again: 800, 1000.
var_dump(count($at) <= 4, count($at) >= 3, $at[1] >= 700 && $at[1] < 800);
foreach (array_slice($at, 2) as $time) {
    $late = max($late, $time % 200);
}
var_dump($late < 100 * patience(), ledger_empty());
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
