<?php

namespace Swoole;

/**
 * A callback in a process of its own, with a pipe or a queue between the two.
 *
 * The child runs the callback, then its own event loop until nothing is pending, and ends. What the
 * parent's loop holds (timers, watchers, clients) is not the child's: async clients are not connected
 * there, and what the parent closes is closed. A child of `pcntl_fork()` has a copy of all of it and the
 * same poll: it should do nothing with the loop, and `exit()`. Command line only.
 */
class Process
{
    /** In a mode of `useQueue()`: `push()` and `pop()` do not wait. */
    const IPC_NOWAIT = 256;
    /** For `close()`: the parent's end. */
    const PIPE_MASTER = 1;
    /** For `close()`: the child's end. */
    const PIPE_WORKER = 2;
    /** For `close()`: the direction in which this process reads. */
    const PIPE_READ = 3;
    /** For `close()`: the direction in which this process writes. */
    const PIPE_WRITE = 4;

    /** @var int|null The descriptor of this process's end of the pipe, for `Event::add()`, which takes the object too. */
    public $pipe = null;
    /** @var callable|null What the constructor was given. */
    public $callback = null;
    /** @var int|null The child's process id, once it was started. */
    public $pid = null;
    /** @var int|null Counts the objects from 0. */
    public $id = null;
    /** @var int|null The number of the queue in the system. */
    public $msgQueueId = null;
    /** @var int|null The key of the queue. */
    public $msgQueueKey = null;

    /**
     * Makes the pipe; nothing runs yet.
     *
     * @param callable $callback `callable(Process $process): void`, run in the child.
     * @param bool $redirect_stdin_and_stdout The child's standard input, output and error become its end
     *     of the pipe, which is a stream then.
     * @param bool|int $pipe_type 0 none, 1 a stream, 2 datagrams, which keep their boundaries.
     * @throws \Swoole\Exception outside of the command line, or when no pipe can be made.
     */
    public function __construct(callable $callback, bool $redirect_stdin_and_stdout = false, bool|int $pipe_type = 2)
    {
    }

    /**
     * Forks. The child does not return from it. It may be started again when it has ended.
     *
     * @return int|false The child's process id. `false` with a warning: it runs already, or no process
     *     can be made.
     */
    public function start(): int|false
    {
    }

    /**
     * Writes to the other process; waits for room unless `setBlocking(false)` was called. A stream
     * that does not block is written by the loop while that runs.
     *
     * @param string $data Not empty; at most 65536 bytes as a datagram.
     * @return int|false Bytes taken: fewer than all when the other process has ended or the time was over.
     */
    public function write(string $data): int|false
    {
    }

    /**
     * Reads what the other process wrote; waits for it unless `setBlocking(false)` was called.
     *
     * @param int $size At most so many bytes, up to 65536. The rest of a datagram is lost.
     * @return string|false `''`: the other process has ended. `false`: nothing is there in time.
     */
    public function read(int $size = 8192): string|false
    {
    }

    /**
     * Closes descriptors, or ends one direction.
     *
     * @param int $which 0: both ends, as this process has them, or one of the `PIPE_*` constants.
     * @return bool `false` with a warning: there is no such end.
     */
    public function close(int $which = 0): bool
    {
    }

    /**
     * How long `read()` and `write()` wait.
     *
     * @param float $seconds 0: without end, which is the default.
     */
    public function setTimeout(float $seconds): bool
    {
    }

    /**
     * Whether `read()` and `write()` wait at all.
     *
     * @param bool $blocking `true` is the default.
     */
    public function setBlocking(bool $blocking): void
    {
    }

    /**
     * Opens a message queue of the system (SysV), which all processes with the same key share. It
     * outlives them: see `freeQueue()`.
     *
     * @param int $key 0: made of the script's name.
     * @param int $mode 1: messages are addressed to this object's process; 2: who comes first takes one.
     *     Plus `IPC_NOWAIT` if wanted.
     * @param int $capacity Bytes; below 0: the system's default.
     */
    public function useQueue(int $key = 0, int $mode = 2, int $capacity = -1): bool
    {
    }

    /**
     * Queues a message; waits for room unless the mode has `IPC_NOWAIT`.
     *
     * @param string $data 1 to 65535 bytes.
     */
    public function push(string $data): bool
    {
    }

    /**
     * Takes a message; waits for one unless the mode has `IPC_NOWAIT`.
     *
     * @param int $size At most so many bytes; the rest of the message is lost.
     */
    public function pop(int $size = 65536): string|false
    {
    }

    /**
     * @return array{queue_num: int, queue_bytes: int}|false Messages that wait, and their bytes.
     */
    public function statQueue(): array|false
    {
    }

    /**
     * Removes the queue and all that waits in it, for every process.
     */
    public function freeQueue(): bool
    {
    }

    /**
     * In the child: becomes another program. Returns only if that fails.
     *
     * @param string $file Its path; there is no shell.
     * @param array $args Its words, without its own name.
     * @return bool `false`, with a warning.
     */
    public function exec(string $file, array $args): bool
    {
    }

    /**
     * In the child: ends it, as PHP's `exit()` does.
     *
     * @param int $code 0 to 255.
     * @return bool `false` with a warning in any other process.
     */
    public function exit(int $code = 0): bool
    {
    }

    /**
     * Names this process, as `swoole_set_process_name()`.
     *
     * @param string $name At most 127 bytes.
     */
    public function name(string $name): bool
    {
    }

    /**
     * Sends a signal.
     *
     * @param int $pid A process; below -1: a group, 0: the own one. -1 (everybody) is refused.
     * @param int $signal 0 only asks whether the process is there.
     */
    public static function kill(int $pid, int $signal = SIGTERM): bool
    {
    }

    /**
     * Takes the status of a child that has ended.
     *
     * @param bool $blocking Waits for one.
     * @return array{pid: int, code: int, signal: int}|false `false`: none has ended, or there is none.
     */
    public static function wait(bool $blocking = true): array|false
    {
    }

    /**
     * Goes on in the background, in another process; the one that called ends.
     *
     * @param bool $nochdir Stays in its folder, instead of going to `/`.
     * @param bool $noclose Keeps the standard streams, instead of `/dev/null`.
     */
    public static function daemon(bool $nochdir = true, bool $noclose = true): bool
    {
    }

    /**
     * @param int[] $cpus The CPUs that this process may use, from 0.
     */
    public static function setaffinity(array $cpus): bool
    {
    }

    /**
     * Calls when a signal arrives, as an event of the loop, one signal a turn. A callback keeps the loop
     * alive until it is removed.
     *
     * @param int $signal Its number.
     * @param callable|int|null $callback `callable(int $signal): void`; `SIG_IGN` ignores the signal; `null`
     *     removes the callback: the signal is ignored then as long as the loop runs.
     * @return bool `false` with a warning: no callback to remove, a signal that cannot be handled, or
     *     one that the server needs itself.
     */
    public static function signal(int $signal, callable|int|null $callback): bool
    {
    }

    /**
     * Sends this process a signal again and again.
     *
     * @param int $interval Microseconds; negative: no more.
     * @param int $type 0: by the clock, SIGALRM; 1: time that it works, SIGVTALRM; 2: that and what the
     *     system works for it, SIGPROF.
     */
    public static function alarm(int $interval, int $type = 0): bool
    {
    }
}
