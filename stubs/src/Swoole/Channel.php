<?php

namespace Swoole;

/**
 * A queue of values that this process and all processes forked later share, first in, first out. It
 * never waits: full and empty are `false`. Make it before `Server::start()`. Every method throws an
 * `\Error` when the constructor was not called.
 */
class Channel
{
    /**
     * Maps the shared memory.
     *
     * @param int $size Bytes for all waiting values together; less than 8192 is raised to that. A value takes
     *     its length rounded up to 8, and 8 more.
     * @throws \Swoole\Exception when there is no shared memory; its code is the errno.
     * @throws \Error when called again.
     */
    public function __construct(int $size)
    {
    }

    /**
     * Adds a value at the end.
     *
     * @param mixed $data A string is kept as it is, everything else with `serialize()`.
     * @return bool `false`: the queue is full now; with a warning: the value is larger than the queue.
     * @throws \Exception when the value cannot be serialised, such as a closure.
     */
    public function push(mixed $data): bool
    {
    }

    /**
     * Takes the oldest value.
     *
     * @return mixed `false` when the queue is empty; a pushed `false` looks the same.
     */
    public function pop(): mixed
    {
    }

    /**
     * The oldest value; it stays in the queue.
     *
     * @return mixed `false` when the queue is empty; a pushed `false` looks the same.
     */
    public function peek(): mixed
    {
    }

    /**
     * How much waits.
     *
     * @return array{queue_num: int, queue_bytes: int} Values, and their bytes together.
     */
    public function stats(): array
    {
    }
}
