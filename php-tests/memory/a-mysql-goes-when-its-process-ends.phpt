--TEST--
Swoole\MySQL: when a script or a worker ends, all clients go, the youngest first, without a callback
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/faults.inc';

check_shutdown('mysql');
?>
--EXPECT--
the script ends its loop: as it should
the script ends its loop at its end: as it should
the script exits: as it should
a worker exits: as it should
a worker is stopped: as it should
