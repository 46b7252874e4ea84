--TEST--
Swoole\Http\Client as a WebSocket: an exception in each callback that a handler takes, or a worker reports, ends nothing (F1)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_handled('websocket');
echo "in a worker:\n";
check_in_worker('websocket');
?>
--EXPECT--
response: as it should
message: as it should
close: as it should
close inside message: as it should
in a worker:
response: as it should
message: as it should
close: as it should
close inside message: as it should
each is reported
