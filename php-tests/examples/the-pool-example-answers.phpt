--TEST--
The example of a pool answers and ends
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/run.inc';
$example = example('pool');
$example->wait();
finish($example);
?>
--EXPECT--
HELLO
the pool has ended
exit code 0
