--TEST--
Swoole\Client: exit() in each callback ends the process; all is released, tails first
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_ends('client', 'exit');
?>
--EXPECT--
connect: as it should
receive: as it should
error: as it should
close: as it should
close inside receive: as it should
