--TEST--
The example of processes adds up what its children worked out
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/run.inc';
$example = example('process');
$example->wait();
finish($example);
?>
--EXPECT--
the numbers from 1 to 1000 add up to 500500
exit code 0
