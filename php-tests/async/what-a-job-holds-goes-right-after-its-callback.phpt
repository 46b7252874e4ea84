--TEST--
Swoole\Async: callbacks and what they bind go right after they ran, 11,000 jobs leave memory where it was; children have threads of their own
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
use Swoole\Async;

final class Held
{
    public function __construct(private string $name) {}
    public function __destruct() { echo "{$this->name} is destroyed\n"; }
}
$file = temp_path();
file_put_contents($file, str_repeat('x', 100));
(function () use ($file) {
    $held = new Held('what readFile held');
    Async::readFile($file, function () use ($held) {
        Swoole\Event::defer(fn () => print("the next event\n"));
        echo "the callback returns\n";
    });
})();
Swoole\Event::wait();
(function () use ($file) {
    $held = new Held('what read held');
    Async::read($file, function ($file, $chunk) use ($held) {
        echo strlen($chunk), "\n";
        return true;
    }, 60);
})();
Swoole\Event::wait();
echo "-- left when the process ends\n";
(new Swoole\Process(function () use ($file) {
    $held = new Held('what was left');
    Async::readFile($file, function () use ($held) { echo "never\n"; });
    Async::write($file, 'written all the same', 0, function () use ($held) { echo "never\n"; });
    unset($held);
    exit();
}))->start();
Swoole\Process::wait();
var_dump(ledger_empty());

echo "-- a child\n";
$child = new Swoole\Process(function ($process) use ($file) {
    Async::readFile($file, fn ($file, $content) => $process->write(substr($content, 0, 7)));
});
$child->start();
var_dump($child->read(), Swoole\Process::wait()['code']);

echo "-- flat\n";
Async::readFile($file, fn () => 0);
Swoole\Event::wait();
var_dump(stays_flat(function ($n) use ($file) {
    Async::readFile($file, function ($file, $content) use ($n) {});
    if ($n % 10 === 9) {
        Async::write($file, 'x', 0, function () use ($n) {});
        Swoole\Event::wait();
    }
}, 1000, 10000));
?>
--EXPECT--
the callback returns
what readFile held is destroyed
the next event
60
40
0
what read held is destroyed
-- left when the process ends
what was left is destroyed
bool(true)
-- a child
string(7) "written"
int(0)
-- flat
bool(true)
