--TEST--
Swoole\Http\Client: exit() in each callback ends the process; all is released, tails first
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_ends('http', 'exit');
?>
--EXPECT--
connect: as it should
response: as it should
error: as it should
close: as it should
close inside response: as it should
