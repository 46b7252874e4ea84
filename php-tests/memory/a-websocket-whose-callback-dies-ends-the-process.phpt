--TEST--
Swoole\Http\Client as a WebSocket: a fatal error in each callback ends the process; no PHP code runs after it, the peers see FIN
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_ends('websocket', 'fatal');
?>
--EXPECT--
response: as it should
message: as it should
close: as it should
close inside message: as it should
