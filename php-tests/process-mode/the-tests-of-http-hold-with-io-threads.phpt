--TEST--
What holds of HTTP holds with I/O threads: the tests of http/ and raw/, with SWOOLE_PROCESS
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

$root = dirname(__DIR__);
$files = array_map(fn ($path) => substr($path, strlen($root) + 1), glob("$root/{http,raw}/*.phpt", GLOB_BRACE));
run_in_process_mode($files);
?>
--EXPECT--
all hold
