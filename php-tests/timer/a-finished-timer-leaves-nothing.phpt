--TEST--
A timer releases its arguments, then its callback, right after its last run (O1)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\Timer;
use Tether\Ledger;

class Loud
{
    public function __construct(private string $name) {}
    public function __destruct()
    {
        echo "~{$this->name}\n";
    }
}

function watch(string $how): array
{
    $bound = new Loud("$how bound");
    $param = new Loud("$how param");
    $seen = [WeakReference::create($bound), WeakReference::create($param)];
    $callback = static function (...$args) use ($bound, $how) {
        echo "$how runs, ", json_encode([Ledger::count('timer'), Ledger::rows()[0]['state']]), "\n";
        if ($how === 'tick') {
            Timer::clear($args[0]);
            Timer::clear($args[0]);
            echo "cleared, ", Ledger::count('timer'), "\n";
        }
    };
    Timer::{$how === 'tick' ? 'tick' : 'after'}(1, $callback, $param);
    return $seen;
}

foreach (['after', 'tick'] as $how) {
    $seen = watch($how);
    Swoole\Event::defer(static function () use ($seen) {
        echo "the turn's end\n";
    });
    var_dump(Ledger::count('timer'));
    // The timer's turn, in which the deferred callback is not the only thing.
    usleep(2000);
    Swoole\Event::dispatch();
    echo json_encode([array_map(fn ($weak) => $weak->get(), $seen), Ledger::count()]), "\n";
}

$seen = watch('never');
var_dump(Timer::clear(Timer::list()[0]));
echo json_encode([array_map(fn ($weak) => $weak->get(), $seen), Ledger::count()]), "\n";
?>
--EXPECT--
int(1)
after runs, [1,"running"]
~after param
~after bound
the turn's end
[[null,null],0]
int(1)
tick runs, [1,"running"]
cleared, 1
~tick param
~tick bound
the turn's end
[[null,null],0]
~never param
~never bound
bool(true)
[[null,null],0]
