--TEST--
exit() stops the loop after the turn, wait() runs it again, dispatch() is exactly one turn
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\{Event, Timer};
use Tether\Ledger;

Timer::after(1, static function () {
    echo "first\n";
    Event::exit();
    Event::wait();
    var_dump(Event::dispatch());
});
Timer::after(1, static function () {
    echo "of the same turn\n";
    Event::defer(static fn () => print("deferred\n"));
});
$weak = WeakReference::create($param = new stdClass());
Timer::tick(5000, static function () {}, $param);
unset($param);
usleep(2000);
Event::wait();
var_dump(ledger_empty(), $weak->get());

Timer::after(1, static fn () => print("again\n"));
Event::wait();

$turns = 0;
$tick = Timer::tick(1, static function () use (&$turns) {
    $turns++;
});
while ($turns < 3) {
    $before = $turns;
    var_dump(Event::dispatch(), $turns - $before <= 1);
}
Timer::clear($tick);
var_dump(Event::dispatch(), ledger_empty());
?>
--EXPECT--
first
bool(false)
of the same turn
deferred
bool(true)
NULL
again
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(false)
bool(true)
