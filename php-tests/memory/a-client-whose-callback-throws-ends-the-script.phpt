--TEST--
Swoole\Client: an exception in each callback that nobody takes ends the script; all is released, tails first
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_ends('client', 'throw');
?>
--EXPECT--
connect: as it should
receive: as it should
error: as it should
close: as it should
close inside receive: as it should
