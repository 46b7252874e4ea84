--TEST--
Swoole\Http\Client: an exception in each callback that nobody takes ends the script; all is released, tails first
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_ends('http', 'throw');
?>
--EXPECT--
connect: as it should
response: as it should
error: as it should
close: as it should
close inside response: as it should
