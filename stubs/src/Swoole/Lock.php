<?php

namespace Swoole;

/**
 * A lock between this process and all processes forked later. Make it before `Server::start()`.
 *
 * Waiting blocks the whole process, its event loop too. What a killed process held is free again, and
 * so is what this process holds when the object dies. On failure a method returns `false` and `$errCode`
 * tells why. After `destroy()`, and without the constructor, every method throws an `\Error`.
 */
class Lock
{
    /** Many readers or one writer, on a file: also between unrelated processes. It is freed when this process closes any descriptor of the file. */
    const FILELOCK = 2;
    /** One owner, who alone can unlock it. */
    const MUTEX = 3;
    /** One owner; any process can unlock it. Taken twice by one process, it waits for another's `unlock()`. */
    const SEM = 4;
    /** Many readers or one writer. */
    const RWLOCK = 1;
    /** The same as `SEM`; waiting sleeps. */
    const SPINLOCK = 5;

    /** @var int The errno of the last failure: 1 not held by this process, 11 or 16 taken, 22 no readers, 35 held by this process already, 110 not in time. Success does not reset it. */
    public $errCode = 0;

    /**
     * Makes a free lock.
     *
     * @param int $type `SWOOLE_MUTEX`, `SWOOLE_RWLOCK`, `SWOOLE_SPINLOCK`, `SWOOLE_SEM` or `SWOOLE_FILELOCK`.
     * @param string $filename The file of a `SWOOLE_FILELOCK`, made if it is missing, its content not touched;
     *     not used by the others.
     * @throws \Swoole\Exception code 505: a file lock without a file; else the errno: the file cannot be
     *     opened, or there is no shared memory.
     * @throws \ValueError for another type.
     * @throws \Error when called again.
     */
    public function __construct(int $type = SWOOLE_MUTEX, string $filename = '')
    {
    }

    /**
     * Takes a `SWOOLE_MUTEX`, waiting at most so long.
     *
     * @param float $timeout Seconds, fractions count; 0 or less: no wait.
     * @return bool `false`: not in time (110), also when this process has it itself.
     * @throws \Swoole\Exception code -2: the lock is of another type.
     */
    public function lockwait(float $timeout = 1.0): bool
    {
    }

    /**
     * Takes the lock, for writing where there are readers; waits for ever.
     *
     * @return bool `false`: this process has a mutex or rwlock already (35); a file lock's errno.
     */
    public function lock(): bool
    {
    }

    /**
     * Takes the lock if it is free, for writing where there are readers.
     *
     * @return bool `false`: it is taken (16; a file lock 11).
     */
    public function trylock(): bool
    {
    }

    /**
     * Takes a `SWOOLE_RWLOCK` or `SWOOLE_FILELOCK` for reading; waits for ever. A process may read an rwlock
     * several times, and unlocks it as often.
     *
     * @return bool `false`: this process writes (35); a file lock's errno; with a warning: another type (22).
     */
    public function lock_read(): bool
    {
    }

    /**
     * Takes a `SWOOLE_RWLOCK` or `SWOOLE_FILELOCK` for reading if nobody writes.
     *
     * @return bool `false`: it is taken (16; a file lock 11); with a warning: another type (22).
     */
    public function trylock_read(): bool
    {
    }

    /**
     * Gives back what this process took last; a semaphore or spin lock also for another process.
     *
     * @return bool `false`: this process does not hold the mutex or rwlock (1); a file lock's errno.
     */
    public function unlock(): bool
    {
    }

    /**
     * Gives back what this process holds and ends the lock in this process; others keep theirs.
     */
    public function destroy(): void
    {
    }
}
