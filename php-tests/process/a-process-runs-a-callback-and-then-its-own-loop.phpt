--TEST--
Swoole\Process: the child runs the callback, then its own loop until nothing is pending; the parent's is not its
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
$before = fd_count();
// What the parent's loop holds is not run by the child.
Swoole\Timer::after(60000, fn () => print("the parent's timer ran\n"));
$process = new swoole_process(function (Swoole\Process $process) use (&$process_outside) {
    $process->write(json_encode([
        'same object' => $process === $process_outside,
        'own pid' => $process->pid === getmypid(),
        'rows' => Tether\Ledger::count(),
        'asked' => $process->read(),
    ]));
    Swoole\Timer::after(5, function () use ($process) {
        $process->write('a timer of the child');
        Swoole\Event::defer(fn () => $process->write('what it deferred'));
    });
});
$process_outside = $process;
var_dump(get_class($process), $process->pid, $process->pipe > 2, is_callable($process->callback));
$pid = $process->start();
var_dump($pid === $process->pid, $pid !== getmypid(), $process->write('a question'));
echo $process->read(), "\n", $process->read(), "\n", $process->read(), "\n";
echo "then it ends: ";
var_dump($process->read());
var_dump(Swoole\Process::wait() === ['pid' => $pid, 'code' => 0, 'signal' => 0]);
echo "no child: ";
var_dump(Swoole\Process::wait(), Swoole\Process::wait(false), swoole_last_error());

echo "-- it starts again, under the same pipe\n";
$pipe = $process->pipe;
$process->start();
$process->write('again');
var_dump(json_decode($process->read(), true)['asked'], $process->pipe === $pipe);
var_dump(Swoole\Process::wait()['code']);

echo "-- gone with its descriptors\n";
Swoole\Timer::clearAll();
$ref = WeakReference::create($process);
$open = fd_count();
unset($process, $process_outside);
gc_collect_cycles();
var_dump($ref->get(), $open - fd_count(), ledger_empty());
?>
--EXPECT--
string(14) "Swoole\Process"
NULL
bool(true)
bool(true)
bool(true)
bool(true)
int(10)
{"same object":true,"own pid":true,"rows":0,"asked":"a question"}
a timer of the child
what it deferred
then it ends: string(0) ""
bool(true)
no child: bool(false)
bool(false)
int(10)
-- it starts again, under the same pipe
string(5) "again"
bool(true)
int(0)
-- gone with its descriptors
NULL
int(2)
bool(true)
