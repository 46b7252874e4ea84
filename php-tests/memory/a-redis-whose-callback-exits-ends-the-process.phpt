--TEST--
Swoole\Redis: exit() in each callback ends the process; all is released, tails first
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_ends('redis', 'exit');
?>
--EXPECT--
connect: as it should
reply: as it should
close: as it should
close inside reply: as it should
