--TEST--
Swoole\Redis: an exception in each callback that nobody takes ends the script; all is released, tails first
--EXTENSIONS--
tether
--SKIPIF--
<?php if (getenv('TETHER_JUDGE') === 'valgrind') die('skip too slow there, and what it releases is what exit() releases'); ?>
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
