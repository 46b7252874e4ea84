--TEST--
Swoole\Redis: a fatal error in each callback ends the process; no PHP code runs after it, the peers see FIN
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_ends('redis', 'fatal');
?>
--EXPECT--
connect: as it should
reply: as it should
close: as it should
close inside reply: as it should
