<?php

namespace Swoole\Process;

/**
 * A manager that keeps a number of worker processes running.
 *
 * A worker that ends is replaced; one that lived for less than a second after a delay of 0.1 seconds, which
 * doubles up to 5. SIGTERM to the manager ends the pool, SIGUSR1 and SIGUSR2 replace all workers. A worker
 * that does not end within 5 seconds is killed. Workers end with their manager.
 */
class Pool
{
    /** @var int|null The manager's process id, once it was started. */
    public $master_pid = null;

    /**
     * @param int $worker_num How many workers, 1 to 4096.
     * @param int $ipc_type How messages reach them: `SWOOLE_IPC_NONE`; `SWOOLE_IPC_UNIXSOCK`: what is written
     *     to the process of a worker (see `getProcess()`); `SWOOLE_IPC_MSGQUEUE`: a queue of the system;
     *     `SWOOLE_IPC_SOCKET`: see `listen()`.
     * @param int $msgqueue_key The queue's key.
     * @throws \Swoole\Exception for what it cannot be made with.
     */
    public function __construct(int $worker_num, int $ipc_type = SWOOLE_IPC_NONE, int $msgqueue_key = 0)
    {
    }

    /**
     * Registers a callback, before `start()`.
     *
     * - WorkerStart: `callable(Pool $pool, int $worker_id): void`. It may work for as long as it likes; SIGTERM
     *   ends it then at once. When it has returned, the worker's loop runs: for messages, or as long as
     *   something is pending.
     * - WorkerStop: `callable(Pool $pool, int $worker_id): void`
     * - Message: `callable(Pool $pool, string $data): void`. While a worker waits for a message of a queue
     *   of the system its loop does not run.
     *
     * @param string $event One of these names, in any case.
     * @param callable $callback The last one for an event counts.
     */
    public function on(string $event, callable $callback): bool
    {
    }

    /**
     * Listens for messages: a client sends four bytes, the length (the highest byte first), and so many
     * bytes, at most 8388608. The answer comes in the same form; then the connection is closed.
     *
     * @param string $host An IP address, or `unix:/path`.
     * @param int $port The port.
     * @param int $backlog Connections that may wait.
     */
    public function listen(string $host, int $port = 0, int $backlog = 2048): bool
    {
    }

    /**
     * In a Message callback of a pool that listens: adds to the answer.
     *
     * @param string $data Not empty.
     */
    public function write(string $data): bool
    {
    }

    /**
     * A worker's process. Writing to the one of another worker sends that a message (`SWOOLE_IPC_UNIXSOCK`).
     *
     * @param int $worker_id Below 0: the worker that calls.
     */
    public function getProcess(int $worker_id = -1): \Swoole\Process|false
    {
    }

    /**
     * Runs the pool: this process is its manager until it has ended. Its loop runs meanwhile.
     *
     * @return bool `true` when it has ended.
     * @throws \Swoole\Exception when a callback or `listen()` is missing.
     */
    public function start(): bool
    {
    }

    /**
     * Ends the pool, from its manager or from a worker.
     */
    public function shutdown(): bool
    {
    }
}
