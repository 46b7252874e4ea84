--TEST--
Swoole\Client: an exception in each callback that a handler takes, or a worker reports, ends nothing (F1)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_handled('client');
echo "in a worker:\n";
check_in_worker('client');
?>
--EXPECT--
connect: as it should
receive: as it should
error: as it should
close: as it should
close inside receive: as it should
in a worker:
connect: as it should
receive: as it should
error: as it should
close: as it should
close inside receive: as it should
each is reported
