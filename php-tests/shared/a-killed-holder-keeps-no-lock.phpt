--TEST--
Processes exclude each other by each type of Lock, and a killed holder keeps none
--EXTENSIONS--
tether
pcntl
posix
--FILE--
<?php
require __DIR__ . "/../_support/harness.inc";
require __DIR__ . "/shared.inc";
$file = sys_get_temp_dir() . '/tether-lock-' . getmypid();
register_shutdown_function(static fn () => @unlink($file));
foreach (['MUTEX', 'SPINLOCK', 'SEM', 'RWLOCK', 'FILELOCK'] as $name) {
    $lock = new Swoole\Lock(constant("SWOOLE_$name"), $file);
    // Two halves of a number that only the lock keeps together.
    $low = new Swoole\Atomic\Long();
    $high = new Swoole\Atomic\Long();
    $broken = new Swoole\Atomic();
    wait_all(children(4, function (int $me) use ($lock, $low, $high, $broken) {
        for ($i = 0; $i < 1500; $i++) {
            $lock->lock();
            $seen = $low->get();
            $seen === $high->get() || $broken->add();
            $low->set($seen + 1);
            $high->set($seen + 1);
            $lock->unlock();
            if ($i % 10 === 0 && $lock->trylock()) {
                $low->get() === $high->get() || $broken->add();
                $lock->unlock();
            }
        }
    }));
    echo "$name: ", json_encode([$broken->get(), $low->get(), $high->get()]);

    $ready = new Swoole\Atomic();
    $hold = function (string $how) use ($lock, $ready): void {
        $ready->set(0);
        $ids = children(1, function () use ($lock, $ready, $how) {
            $lock->$how();
            $ready->wakeup();
            sleep(100);
        });
        $ready->wait(-1);
        echo ' ', json_encode($lock->trylock());
        kill9($ids[0]);
    };
    $hold('lock');
    echo json_encode([$lock->trylock(), $lock->unlock()]);
    // One who waits already gets it too, even while the dead one is not buried yet.
    $ids = children(1, function () use ($lock, $ready) {
        $lock->lock();
        $ready->wakeup();
        sleep(100);
    });
    $ready->wait(-1);
    $ready->set(0);
    $waiter = children(1, function () use ($lock, $ready) {
        $ready->wakeup();
        $lock->lock() && $lock->unlock() || exit(1);
    });
    $ready->wait(-1);
    // It sleeps in lock(), or spins there for a while first.
    wait_for(fn () => preg_match('/\) S /', (string) file_get_contents("/proc/$waiter[0]/stat")), 0.1);
    posix_kill($ids[0], SIGKILL);
    wait_all($waiter);
    wait_all($ids, SIGKILL);
    if ($name === 'RWLOCK' || $name === 'FILELOCK') {
        $hold('lock_read');
        echo json_encode([$lock->lock(), $lock->unlock()]);
    }
    echo "\n";
}
// The last object that could free it goes: the lock is free.
$mutex = new Swoole\Lock();
$ready = new Swoole\Atomic();
$ids = children(1, function () use (&$mutex, $ready) {
    $mutex->lock();
    $mutex = null;
    $ready->wakeup();
    sleep(100);
});
$ready->wait(-1);
var_dump($mutex->trylock());
kill9($ids[0]);
?>
--EXPECT--
MUTEX: [0,6000,6000] false[true,true]
SPINLOCK: [0,6000,6000] false[true,true]
SEM: [0,6000,6000] false[true,true]
RWLOCK: [0,6000,6000] false[true,true] false[true,true]
FILELOCK: [0,6000,6000] false[true,true] false[true,true]
bool(true)
