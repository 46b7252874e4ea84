--TEST--
Process::signal: callbacks run as events, are replaced and removed, keep the loop alive and are rows of the ledger
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
use Swoole\Process as P;

$ref = null;
function watch(): void
{
    global $ref;
    $first = new class { public function __invoke($signo) { echo "the first one ran\n"; } };
    $ref = WeakReference::create($first);
    var_dump(P::signal(SIGUSR1, $first));
}
watch();
var_dump($ref->get() !== null, Tether\Ledger::count('signal'));
P::signal(SIGUSR1, function (int $signo) {
    echo "signal $signo, in the row: ", Tether\Ledger::rows()[0]['state'], "\n";
    // Removed under itself; the default action, which would end the process, does not come back.
    var_dump(P::signal(SIGUSR1, null), Tether\Ledger::count('signal'));
    P::kill(getmypid(), SIGUSR1);
    P::signal(SIGUSR2, function () {
        echo "USR2\n";
        P::signal(SIGUSR2, null);
    });
    Swoole\Event::defer(fn () => P::kill(getmypid(), SIGUSR2));
});
echo "replaced: ";
var_dump($ref->get(), Tether\Ledger::count('signal'));
P::kill(getmypid(), SIGUSR1);
echo "only an event: nothing ran yet\n";
Swoole\Event::wait();
var_dump(ledger_empty());

echo "-- one signal a turn, each told once\n";
foreach ([SIGUSR2, SIGUSR1] as $signo) {
    P::signal($signo, fn ($signo) => print("signal $signo\n"));
    P::kill(getmypid(), $signo);
    P::kill(getmypid(), $signo);
}
Swoole\Event::defer(fn () => print("turn\n"));
Swoole\Event::dispatch();
Swoole\Event::dispatch();
P::signal(SIGUSR1, null);
P::signal(SIGUSR2, null);

echo "-- an alarm\n";
P::signal(SIGALRM, function () {
    static $n = 0;
    echo 'alarm ', ++$n, "\n";
    if ($n === 3) {
        P::alarm(-1);
        P::signal(SIGALRM, null);
    }
});
var_dump(P::alarm(1000));
Swoole\Event::wait();

echo "-- children are waited for in a callback\n";
P::signal(SIGCHLD, function () {
    while ($ended = P::wait(false)) {
        echo 'code ', $ended['code'], "\n";
        P::signal(SIGCHLD, null);
    }
});
(new P(fn ($process) => $process->exit(5)))->start();
Swoole\Event::wait();

echo "-- ignored, refused\n";
var_dump(P::signal(SIGTERM, SIG_IGN), P::kill(getmypid()), P::signal(SIGTERM, null));
var_dump(P::alarm(0), P::kill(getmypid(), 0), P::kill(1 << 22, 0), P::kill(1 << 22));
foreach ([
    fn () => P::signal(0, 'strlen'),
    fn () => P::signal(99, 'strlen'),
    fn () => P::signal(SIGUSR1, 'no function'),
    fn () => P::signal(SIGUSR1, 2),
    fn () => P::kill(-1),
    fn () => P::alarm(1, 3),
] as $wrong) {
    try {
        var_dump($wrong());
    } catch (Throwable $e) {
        echo get_class($e), ': ', $e->getMessage(), "\n";
    }
}
var_dump(P::signal(SIGKILL, 'strlen'));
?>
--EXPECTF--
bool(true)
bool(true)
int(1)
replaced: NULL
int(1)
only an event: nothing ran yet
signal 10, in the row: running
bool(true)
int(1)
USR2
bool(true)
-- one signal a turn, each told once
signal 10
turn
signal 12
-- an alarm
bool(true)
alarm 1
alarm 2
alarm 3
-- children are waited for in a callback
code 5
-- ignored, refused

Warning: Swoole\Process::signal(): The signal 15 has no callback in %s on line %d
bool(true)
bool(true)
bool(false)

Warning: Swoole\Process::alarm(): The interval must not be 0: a negative one clears the alarm in %s on line %d

Warning: Swoole\Process::kill(): The process 4194304 cannot be signalled, Error: No such process[3] in %s on line %d
bool(false)
bool(true)
bool(false)
bool(false)
ValueError: Swoole\Process::signal(): Argument #1 ($signal) must be the number of a signal
ValueError: Swoole\Process::signal(): Argument #1 ($signal) must be the number of a signal
TypeError: Swoole\Process::signal(): Argument #2 ($callback) must be a valid callback, function "no function" not found or invalid function name
TypeError: Swoole\Process::signal(): Argument #2 ($callback) must be a valid callback, no array or string given

Warning: Swoole\Process::kill(): The process -1 cannot be signalled, Error: Invalid argument[22] in %s on line %d
bool(false)
ValueError: Swoole\Process::alarm(): Argument #2 ($type) must be 0, 1 or 2

Warning: Swoole\Process::signal(): The signal 9 cannot be handled, Error: Invalid argument[22] in %s on line %d
bool(false)
