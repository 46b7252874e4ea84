--TEST--
What holds of servers holds with I/O threads: the tests of server/ that speak of no connection's end with its worker
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

run_in_process_mode(array_map(fn ($name) => "server/$name.phpt", [
    'a-second-sigint-ends-a-server-at-once',
    'a-server-can-be-a-class-of-ones-own',
    'a-signal-ends-a-server-gracefully',
    'an-exception-in-a-callback-leaves-the-worker-running',
    'close-calls-on-close-within-it-once',
    'code-of-a-worker-finds-what-it-kept',
    'get-client-info-tells-of-a-connection',
    'send-says-why-it-fails',
    'the-workers-end-with-their-master',
    'timers-and-defer-work-in-a-worker',
    'workers-that-die-young-are-replaced-with-back-off',
]));
?>
--EXPECT--
all hold
