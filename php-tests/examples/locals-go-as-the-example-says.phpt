--TEST--
The examples: the locals of a callback go when it returns
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/run.inc';
$example = example('seed-locals');
var_dump($example->wait());
finish($example);
?>
--EXPECT--
int(0)
test() runs
  in test(): 3 descriptors more
  $a is destroyed
test() has returned: 1 descriptor more, which the global holds
  $d is destroyed
after the unset: 0 more
exit code 0
