--TEST--
200 chains of one to six clients of any kind, each link with any outcome: nothing is left, without the collector (C3)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/chains.inc';

gc_disable();
$chains = new Chains(20240229);
ignore_faults();
$rounds = match (getenv('TETHER_JUDGE')) {
    'valgrind' => 60,
    default => 200,
};
for ($round = 0; $round < $rounds; $round++) {
    $wrong = $chains->run($round);
    if ($wrong !== null) {
        restore_error_handler();
        restore_exception_handler();
        die("$wrong\n");
    }
}
echo "nothing is left\n";
?>
--EXPECT--
nothing is left
