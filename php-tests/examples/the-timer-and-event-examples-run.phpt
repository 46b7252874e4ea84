--TEST--
The examples of timers and of the event loop do what they say
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/run.inc';
foreach (['timer', 'event'] as $name) {
    $example = example($name);
    $example->wait();
    echo "-- $name\n";
    finish($example);
}
?>
--EXPECT--
-- timer
cleared: true, exists: false
a tick, 3 left
a tick, 2 left
a tick, 1 left
the end
exit code 0
-- event
HELLO
after this turn
the loop has ended
exit code 0
