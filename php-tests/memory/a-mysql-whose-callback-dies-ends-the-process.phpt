--TEST--
Swoole\MySQL: a fatal error in each callback ends the process; no PHP code runs after it, the peers see FIN
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_ends('mysql', 'fatal');
?>
--EXPECT--
connect: as it should
answer: as it should
close: as it should
close inside answer: as it should
