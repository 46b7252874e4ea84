--TEST--
Swoole\MySQL: an exception in each callback that a handler takes, or a worker reports, ends nothing (F1)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_handled('mysql');
echo "in a worker:\n";
check_in_worker('mysql');
?>
--EXPECT--
connect: as it should
answer: as it should
close: as it should
close inside answer: as it should
in a worker:
connect: as it should
answer: as it should
close: as it should
close inside answer: as it should
each is reported
