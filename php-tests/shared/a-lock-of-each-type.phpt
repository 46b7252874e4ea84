--TEST--
Swoole\Lock: each type, its methods and errors
--EXTENSIONS--
tether
pcntl
posix
--FILE--
<?php
require __DIR__ . "/shared.inc";
$file = sys_get_temp_dir() . '/tether-lock-' . getmypid();
register_shutdown_function(static fn () => @unlink($file));
$types = ['MUTEX' => 3, 'SPINLOCK' => 5, 'SEM' => 4, 'RWLOCK' => 1, 'FILELOCK' => 2];
/** What another process gets. */
function other(callable $do): string
{
    $answer = new Swoole\Channel(8192);
    wait_all(children(1, fn () => $answer->push($do())));
    return json_encode($answer->pop());
}
foreach ($types as $name => $value) {
    $lock = new Swoole\Lock($value, $file);
    $tried = fn () => [$lock->trylock(), $lock->errCode];
    echo "$name: ", json_encode([constant("Swoole\Lock::$name") === $value, constant("SWOOLE_$name") === $value, $lock->lock(), $lock->errCode]);
    echo ' held: ', other($tried), ' ', other(fn () => [$lock->unlock(), $lock->errCode]);
    echo ' unlock: ', json_encode([$lock->unlock(), $lock->trylock(), $lock->unlock()]), ' free: ', other($tried), "\n";
}
foreach (['RWLOCK', 'FILELOCK'] as $name) {
    $lock = new Swoole\Lock($types[$name], $file);
    echo "$name: ", json_encode([$lock->lock_read(), $lock->trylock_read()]);
    echo ' readers share: ', other(fn () => [$lock->trylock_read(), $lock->errCode]), ' writers do not: ', other(fn () => [$lock->trylock()]);
    $lock->unlock();
    $lock->unlock();
    $lock->lock();
    echo ' no readers beside a writer: ', other(fn () => [$lock->trylock_read()]), "\n";
}
$lock = new swoole_lock();
var_dump(get_class($lock), $lock->lockwait(), $lock->lock(), $lock->errCode === 35, $lock->unlock(), $lock->unlock(), $lock->errCode === 1);
$lock->lock();
echo other(function () use ($lock) {
    $since = microtime(true);
    return [$lock->lockwait(0.1), $lock->errCode, microtime(true) - $since >= 0.1];
}), "\n";
var_dump($lock->lock_read(), $lock->trylock_read());
$rw = new Swoole\Lock(SWOOLE_RWLOCK);
$rw->lock_read();
var_dump($rw->lock(), $rw->errCode === 35, $rw->unlock(), $rw->unlock(), $rw->errCode === 1);
refused(fn () => $rw->lockwait(1));
refused(fn () => new Swoole\Lock(77));
refused(fn () => new Swoole\Lock(SWOOLE_FILELOCK));
refused(fn () => new Swoole\Lock(SWOOLE_FILELOCK, '/nowhere/at/all'));
refused(fn () => $lock->__construct());
refused(fn () => clone $lock);
refused(fn () => serialize($lock));
$lock->destroy();
refused(fn () => $lock->lock());
refused(fn () => $lock->destroy());
refused(fn () => (new ReflectionClass('Swoole\Lock'))->newInstanceWithoutConstructor()->trylock());
?>
--EXPECTF--
MUTEX: [true,true,true,0] held: [false,16] [false,1] unlock: [true,true,true] free: [true,0]
SPINLOCK: [true,true,true,0] held: [false,16] [true,0] unlock: [true,true,true] free: [true,0]
SEM: [true,true,true,0] held: [false,16] [true,0] unlock: [true,true,true] free: [true,0]
RWLOCK: [true,true,true,0] held: [false,16] [false,1] unlock: [true,true,true] free: [true,0]
FILELOCK: [true,true,true,0] held: [false,11] [true,0] unlock: [true,true,true] free: [true,0]
RWLOCK: [true,true] readers share: [true,0] writers do not: [false] no readers beside a writer: [false]
FILELOCK: [true,true] readers share: [true,0] writers do not: [false] no readers beside a writer: [false]
string(11) "Swoole\Lock"
bool(true)
bool(false)
bool(true)
bool(true)
bool(false)
bool(true)
[false,110,true]

Warning: Swoole\Lock::lock_read(): Only a SWOOLE_RWLOCK or SWOOLE_FILELOCK has readers in %s on line %d

Warning: Swoole\Lock::trylock_read(): Only a SWOOLE_RWLOCK or SWOOLE_FILELOCK has readers in %s on line %d
bool(false)
bool(false)
bool(false)
bool(true)
bool(true)
bool(false)
bool(true)
Swoole\Exception -2: Only a SWOOLE_MUTEX has lockwait
ValueError 0: Swoole\Lock::__construct(): Argument #1 ($type) must be one of SWOOLE_MUTEX, SWOOLE_RWLOCK, SWOOLE_SPINLOCK, SWOOLE_SEM, SWOOLE_FILELOCK
Swoole\Exception 505: A file lock needs a file
Swoole\Exception 2: The lock cannot be made: No such file or directory
Error 0: The lock exists already
Error 0: Trying to clone an uncloneable object of class Swoole\Lock
Exception 0: Serialization of 'Swoole\Lock' is not allowed
Error 0: The lock was destroyed
Error 0: The lock was destroyed
Error 0: The constructor of the lock was not called
