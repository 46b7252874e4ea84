--TEST--
Swoole\Client: an exception in each callback that nobody takes ends the script; all is released, tails first
--EXTENSIONS--
tether
--SKIPIF--
<?php if (getenv('TETHER_JUDGE') === 'valgrind') die('skip too slow there, and what it releases is what exit() releases'); ?>
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
