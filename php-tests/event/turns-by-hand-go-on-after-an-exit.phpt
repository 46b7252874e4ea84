--TEST--
Event::exit() ends wait(), or the turns by hand, once; dispatch() works again afterwards
--EXTENSIONS--
tether
--FILE--
<?php
Swoole\Event::defer(static fn () => Swoole\Event::exit());
Swoole\Event::wait();
$timer = Swoole\Timer::tick(1, static function () { echo "tick\n"; });
var_dump(Swoole\Event::dispatch());
Swoole\Event::defer(static fn () => Swoole\Event::exit());
while (Swoole\Event::dispatch());
echo "ended\n";
var_dump(Swoole\Event::dispatch());
Swoole\Timer::clear($timer);
var_dump(Swoole\Event::dispatch());
?>
--EXPECTF--
tick
bool(true)
%Aended
tick
bool(true)
bool(false)
