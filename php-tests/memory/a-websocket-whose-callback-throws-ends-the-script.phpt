--TEST--
Swoole\Http\Client as a WebSocket: an exception in each callback that nobody takes ends the script; all is released, tails first
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_ends('websocket', 'throw');
?>
--EXPECT--
response: as it should
message: as it should
close: as it should
close inside message: as it should
