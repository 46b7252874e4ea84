--TEST--
10,000 chains of any clients leave memory, descriptors and ledger where they were (C3, Measures)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/chains.inc';

gc_disable();
ignore_faults();
$chains = new Chains(7, 1, true);
$wrong = null;
var_dump(stays_flat(static function (int $round) use ($chains, &$wrong) {
    $wrong ??= $chains->run($round);
}));
var_dump($wrong);
?>
--EXPECT--
bool(true)
NULL
