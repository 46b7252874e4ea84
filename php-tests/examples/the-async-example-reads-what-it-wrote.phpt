--TEST--
The example of files and commands beside the loop does what it says
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/run.inc';
$example = example('async');
$example->wait();
finish($example);
?>
--EXPECT--
700000 bytes written
100000 lines read
100000 lines counted, exit code 0
the timer ticked meanwhile: yes
exit code 0
