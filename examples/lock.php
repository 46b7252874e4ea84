<?php
/**
 * A lock keeps two lines of each process together, even though one process dies with it.
 *
 *     php -d extension=... examples/lock.php
 */
$lock = new Swoole\Lock(SWOOLE_MUTEX);

for ($i = 1; $i <= 3; $i++) {
    if (pcntl_fork() === 0) {
        $lock->lock();
        fwrite(STDOUT, "a process has the lock\n");
        usleep(1000);
        fwrite(STDOUT, "and gives it back\n");
        $lock->unlock();
        exit(0);
    }
}
while (pcntl_wait($status) > 0) {
}

if (($holder = pcntl_fork()) === 0) {
    $lock->lock();
    sleep(60);
}
while ($lock->trylock()) {
    $lock->unlock();
    usleep(1000);
}
echo "a process holds the lock: errCode {$lock->errCode}\n";
proc_close(proc_open(['kill', '-9', (string) $holder], [], $pipes));
pcntl_waitpid($holder, $status);
echo 'it was killed, the lock is free: ', json_encode($lock->lockwait(1)), "\n";
