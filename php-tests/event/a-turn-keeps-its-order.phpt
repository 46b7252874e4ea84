--TEST--
cycle before, descriptors, timers, deferred callbacks, cycle after: a turn keeps its order
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\{Event, Timer};
use Tether\Ledger;

[$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
fwrite($far, 'x');
$say = static fn (string $what) => static fn () => print("$what\n");
var_dump(swoole_event_defer(static function () use ($say) {
    echo "deferred\n";
    Event::defer($say('deferred in a deferred one'));
}));
Event::defer($say('deferred too'));
Timer::after(1, static function () use ($say) {
    echo "timer\n";
    Event::defer($say('deferred in a timer'));
});
Event::add($near, static function ($socket) {
    echo "read\n";
    Event::del($socket);
});
var_dump(Event::cycle($say('-- before'), true), Event::cycle($say('replaced')), Event::cycle($say('after --')));
echo json_encode([Ledger::count('defer'), array_column(Ledger::rows(), 'state')]), "\n";
usleep(2000);
Event::wait();
var_dump(ledger_empty(), Event::cycle(null), Event::cycle(null, true));

// One that removes itself. Alone it does not keep the loop.
$turns = 0;
Event::cycle(static function () use (&$turns) {
    if (++$turns === 3) {
        var_dump(Event::cycle(null), Ledger::count('defer'));
    }
});
while ($turns < 3) {
    Event::defer(static fn () => 1);
    Event::dispatch();
}
Event::wait();
var_dump($turns, ledger_empty());
Event::cycle(static fn () => print("alone\n"));
Event::wait();
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
[4,["waiting","waiting","waiting","waiting","cycle","cycle"]]
-- before
read
timer
deferred
deferred too
deferred in a timer
after --
-- before
deferred in a deferred one
after --
bool(true)
bool(false)
bool(false)
bool(true)
int(1)
int(3)
bool(true)
