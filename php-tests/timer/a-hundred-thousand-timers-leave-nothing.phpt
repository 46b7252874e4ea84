--TEST--
A hundred thousand timers are made, cleared and fired quickly, and leave nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\{Event, Timer};

$many = getenv('TETHER_JUDGE') ? 5000 : 100000;
$fired = 0;
$round = static function () use ($many, &$fired) {
    $ids = [];
    for ($i = 0; $i < $many; $i++) {
        $ids[] = Timer::after(1 + $i % 40, static function () use (&$fired) {
            $fired++;
        });
    }
    foreach ($ids as $i => $id) {
        if ($i % 2) {
            Timer::clear($id);
        }
    }
    Event::wait();
};
$round();
gc_collect_cycles();
$memory = memory_get_usage();
$start = hrtime(true);
$round();
$took = (hrtime(true) - $start) / 1e9;
gc_collect_cycles();
var_dump($fired === $many, $took < 20 * patience(), memory_get_usage() - $memory <= 4096, ledger_empty());
var_dump(stays_flat(static function (int $n) {
    $object = new stdClass();
    Timer::clear(Timer::tick(1, static function () use ($object) {}, $object));
}));
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
