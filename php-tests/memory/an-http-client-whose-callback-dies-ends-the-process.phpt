--TEST--
Swoole\Http\Client: a fatal error in each callback ends the process; no PHP code runs after it, the peers see FIN
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_ends('http', 'fatal');
?>
--EXPECT--
connect: as it should
response: as it should
error: as it should
close: as it should
close inside response: as it should
