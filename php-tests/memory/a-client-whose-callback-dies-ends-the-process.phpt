--TEST--
Swoole\Client: a fatal error in each callback ends the process; no PHP code runs after it, the peers see FIN
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_ends('client', 'fatal');
?>
--EXPECT--
connect: as it should
receive: as it should
error: as it should
close: as it should
close inside receive: as it should
