--TEST--
Timers fire in the order of their times, with their own arguments
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\Timer;

$say = static function (string $what) {
    return static function (...$args) use ($what) {
        echo $what, ' ', json_encode($args), "\n";
    };
};
// So far apart that no pause of a busy machine, between two of these lines, changes the order; further where
// everything takes longer.
$ms = static fn (int $ms): int => (int) ($ms * patience());
$ids = [
    Timer::after($ms(300), $say('third'), 'a', null, ['b']),
    swoole_timer_after(1, $say('first')),
    Timer::after($ms(150), $say('second'), null),
    Timer::after($ms(150), $say('second again'), 2),
];
$count = 0;
$tick = swoole_timer_tick($ms(400), static function (int $id, string ...$params) use (&$count, &$tick) {
    echo 'tick ', json_encode([$id === $tick, $params]), "\n";
    if (++$count === 2) {
        var_dump(Timer::exists($id), Timer::clear($id), Timer::exists($id), Timer::clear($id));
    }
}, 'x', 'y');
echo json_encode([$ids, $tick, Timer::list()]), "\n";
Timer::clear(Timer::after(1, $say('never')));
swoole_event_wait();
var_dump(Timer::after(1, 'strlen', 'ids are not used again'), Tether\Ledger::count());
Timer::clearAll();
var_dump(ledger_empty(), Timer::list(), is_a('swoole_timer', 'Swoole\Timer', true));
?>
--EXPECT--
[[1,2,3,4],5,[1,2,3,4,5]]
first []
second [null]
second again [2]
third ["a",null,["b"]]
tick [true,["x","y"]]
tick [true,["x","y"]]
bool(true)
bool(true)
bool(false)
bool(false)
int(7)
int(1)
bool(true)
array(0) {
}
bool(true)
