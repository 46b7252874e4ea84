--TEST--
The examples of shared memory and of the buffer do what they say
--EXTENSIONS--
tether
pcntl
--FILE--
<?php
require __DIR__ . '/run.inc';
foreach (['table', 'atomic', 'lock', 'channel', 'buffer', 'mmap'] as $name) {
    $example = example($name);
    $example->wait();
    echo "-- $name\n";
    finish($example);
}
?>
--EXPECT--
-- table
one: 1
two: 2
three: 4
3 words, 1024 rows
exit code 0
-- atomic
sum: 10000
exit code 0
-- lock
a process has the lock
and gives it back
a process has the lock
and gives it back
a process has the lock
and gives it back
a process holds the lock: errCode 16
it was killed, the lock is free: true
exit code 0
-- channel
10 jobs
sum of the squares: 385
exit code 0
-- buffer
line: first line
line: second line
line: third line
4 bytes wait: rest
exit code 0
-- mmap
the child counted to 1000
exit code 0
