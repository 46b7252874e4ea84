--TEST--
Swoole\MySQL: exit() in each callback ends the process; all is released, tails first
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_ends('mysql', 'exit');
?>
--EXPECT--
connect: as it should
answer: as it should
close: as it should
close inside answer: as it should
