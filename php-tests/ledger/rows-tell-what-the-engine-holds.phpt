--TEST--
Rows tell kind, class, state, place and the row in whose callback they were made (T1)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\{Event, Timer};
use Tether\Ledger;

class Plain
{
    public function method(): void {}
}

var_dump(Ledger::count(), Ledger::rows(), Ledger::tree());
[$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
$before = microtime(true);
$timer = Timer::after(1, $closure = static function () use ($near) {
    Timer::tick(1000, [$plain = new Plain(), 'method']);
    Event::add($near, static function () use ($plain) {
        Event::defer('time');
        echo preg_replace(['/(?<=\w)#\d+/', '/ \d+\.\ds$/m'], ['#N', ' Ns'], Ledger::tree()), "\n";
        Event::exit();
    });
});
$line = __LINE__ - 8;
[$row] = Ledger::rows();
var_dump($row['id'] > 0, $row['kind'], $row['class'], $row['object_id'] === spl_object_id($closure), $row['state']);
var_dump($row['file'] === __FILE__, $row['line'] === $line, $row['peer'], $row['parent'], array_keys($row) === [
    'id', 'kind', 'class', 'object_id', 'state', 'peer', 'file', 'line', 'since', 'parent',
]);
var_dump(is_float($row['since']) && abs($row['since'] - $before) < 1);
foreach (['client', 'reply', 'timer', 'watcher', 'defer', 'signal', 'task', 'server'] as $kind) {
    echo $kind, ' ', Ledger::count($kind), "\n";
}
try {
    Ledger::count('thing');
} catch (ValueError $e) {
    echo $e->getMessage(), "\n";
}
fwrite($far, 'x');
Event::wait();
var_dump(Ledger::count(), (new ReflectionClass(Ledger::class))->isFinal());
try {
    new Ledger();
} catch (Error $e) {
    echo $e->getMessage(), "\n";
}
?>
--EXPECT--
int(0)
array(0) {
}
string(0) ""
bool(true)
string(5) "timer"
string(7) "Closure"
bool(true)
string(7) "waiting"
bool(true)
bool(true)
NULL
int(0)
bool(true)
bool(true)
client 0
reply 0
timer 1
watcher 0
defer 0
signal 0
task 0
server 0
Tether\Ledger::count(): Argument #1 ($kind) must be one of "client", "reply", "timer", "watcher", "defer", "signal", "task", "server"
#2 timer Plain#N waiting rows-tell-what-the-engine-holds.php:16 Ns
#3 watcher running rows-tell-what-the-engine-holds.php:17 Ns
  #4 defer waiting rows-tell-what-the-engine-holds.php:18 Ns
int(0)
bool(true)
Call to private Tether\Ledger::__construct() from global scope
