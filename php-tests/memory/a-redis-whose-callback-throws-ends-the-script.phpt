--TEST--
Swoole\Redis: an exception in each callback that nobody takes ends the script; all is released, tails first
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_ends('redis', 'throw');
?>
--EXPECT--
connect: as it should
reply: as it should
close: as it should
close inside reply: as it should
