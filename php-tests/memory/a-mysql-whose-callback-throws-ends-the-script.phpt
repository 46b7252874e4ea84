--TEST--
Swoole\MySQL: an exception in each callback that nobody takes ends the script; all is released, tails first
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_ends('mysql', 'throw');
?>
--EXPECT--
connect: as it should
answer: as it should
close: as it should
close inside answer: as it should
