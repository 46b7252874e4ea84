--TEST--
Swoole\Http\Client: an exception in each callback that a handler takes, or a worker reports, ends nothing (F1)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_handled('http');
echo "in a worker:\n";
check_in_worker('http');
?>
--EXPECT--
connect: as it should
response: as it should
error: as it should
close: as it should
close inside response: as it should
in a worker:
connect: as it should
response: as it should
error: as it should
close: as it should
close inside response: as it should
each is reported
