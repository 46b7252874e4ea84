--TEST--
A timer made in a timer's callback waits for the next turn, however late it is
--EXTENSIONS--
tether
--FILE--
<?php
use Swoole\{Event, Timer};

Timer::after(1, static function () {
    echo "first\n";
    Timer::after(1, static function () {
        echo "second\n";
    });
    Event::defer(static function () {
        echo "the turn's end\n";
    });
    usleep(5000);
});
Timer::after(1, static function () {
    echo "of the same turn\n";
});
usleep(2000);
Event::wait();
?>
--EXPECT--
first
of the same turn
the turn's end
second
