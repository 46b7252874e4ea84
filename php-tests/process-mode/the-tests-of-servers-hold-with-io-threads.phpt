--TEST--
What holds of servers holds with I/O threads: the tests of server/ that speak of no connection's end with its worker
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

run_in_process_mode(array_map(fn ($name) => "server/$name.phpt", [
    'a-fatal-error-ends-one-worker-and-costs-the-others-nothing',
    'a-killed-worker-is-replaced-and-the-others-lose-nothing',
    'a-reload-replaces-every-worker-and-loses-nothing',
    'a-retiring-worker-waits-for-its-clients',
    'a-second-sigint-ends-a-server-at-once',
    'a-server-can-be-a-class-of-ones-own',
    'a-signal-ends-a-server-gracefully',
    'an-exception-in-a-callback-leaves-the-worker-running',
    'a-worker-that-crashes-is-told-of-and-replaced',
    'close-calls-on-close-within-it-once',
    'code-of-a-worker-finds-what-it-kept',
    'exit-in-a-callback-ends-the-worker-in-order',
    'get-client-info-tells-of-a-connection',
    'max-request-replaces-a-worker-and-loses-nothing',
    'send-says-why-it-fails',
    'stop-replaces-one-worker',
    'the-workers-end-with-their-master',
    'timers-and-defer-work-in-a-worker',
    'twenty-reloads-under-load-lose-nothing',
    'workers-that-die-young-are-replaced-with-back-off',
]));
?>
--EXPECT--
all hold
