--TEST--
Swoole\Http\Client as a WebSocket: exit() in each callback ends the process; all is released, tails first
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_ends('websocket', 'exit');
?>
--EXPECT--
response: as it should
message: as it should
close: as it should
close inside message: as it should
