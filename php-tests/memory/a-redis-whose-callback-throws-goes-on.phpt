--TEST--
Swoole\Redis: an exception in each callback that a handler takes, or a worker reports, ends nothing (F1)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_handled('redis');
echo "in a worker:\n";
check_in_worker('redis');
?>
--EXPECT--
connect: as it should
reply: as it should
close: as it should
close inside reply: as it should
in a worker:
connect: as it should
reply: as it should
close: as it should
close inside reply: as it should
each is reported
