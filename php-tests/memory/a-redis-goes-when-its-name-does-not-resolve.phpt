--TEST--
Swoole\Redis: a name that does not resolve, or not in time, is told once and leaves nothing
--EXTENSIONS--
tether
--SKIPIF--
<?php require __DIR__ . '/../_support/netns.inc'; netns_skip(); ?>
--FILE--
<?php
require __DIR__ . '/names.inc';

check_names('redis');
?>
--EXPECT--
nobody answers for the name: as it should
closed while it is looked up: as it should
there is no such name: as it should
the name server never answers: as it should
closed while the name server is silent: as it should
nothing waits for it
its socket goes
