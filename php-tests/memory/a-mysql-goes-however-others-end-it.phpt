--TEST--
Swoole\MySQL: whatever ends its connection is told once, in order, and leaves nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

check_rows('mysql', OTHER_ENDS['mysql']);
?>
--EXPECT--
the peer closes: as it should
the peer closes with an answer: as it should
the peer resets: as it should
connecting is refused: as it should
connecting takes too long: as it should
the peer is silent: as it should
nothing is asked any more: as it should
the peer babbles: as it should
