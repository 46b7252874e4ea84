<?php

namespace Swoole;

/**
 * An unsigned 32 bit number that this process and all processes forked later share. Make it before
 * `Server::start()`. Every method throws an `\Error` when the constructor was not called.
 */
class Atomic
{
    /**
     * Maps the shared number.
     *
     * @param int $value What it starts with, taken modulo 2^32.
     * @throws \Swoole\Exception when there is no shared memory; its code is the errno.
     * @throws \Error when called again.
     */
    public function __construct(int $value = 0)
    {
    }

    /**
     * Adds in one step.
     *
     * @param int $add_value What is added; may be negative.
     * @return int The new number; beyond 0 and 4294967295 it wraps.
     */
    public function add(int $add_value = 1): int
    {
    }

    /**
     * Subtracts in one step.
     *
     * @param int $sub_value What is subtracted; may be negative.
     * @return int The new number; beyond 0 and 4294967295 it wraps.
     */
    public function sub(int $sub_value = 1): int
    {
    }

    /**
     * The number as it is now.
     */
    public function get(): int
    {
    }

    /**
     * Writes the number, whatever it was. Wakes nobody.
     *
     * @param int $value The new number, taken modulo 2^32.
     */
    public function set(int $value): void
    {
    }

    /**
     * Writes the number if it is what is expected, in one step.
     *
     * @param int $cmp_value What it must be. Compared, like kept, modulo 2^32.
     * @param int $new_value The new number, taken modulo 2^32.
     * @return bool `false`: it was another number, nothing is written.
     */
    public function cmpset(int $cmp_value, int $new_value): bool
    {
    }

    /**
     * Blocks the process until `wakeup()`: when the number is 1, sets it to 0 and returns at once. Start
     * with 0, and use the number for nothing else.
     *
     * @param float $timeout Seconds; 0 or less = for ever.
     * @return bool `false`: not in time, or a signal came.
     */
    public function wait(float $timeout = 1.0): bool
    {
    }

    /**
     * Sets the number to 1 and wakes processes in `wait()`. While nobody waits, the 1 is kept for the
     * next `wait()`.
     *
     * @param int $count How many are woken at most.
     * @return bool `true`
     */
    public function wakeup(int $count = 1): bool
    {
    }
}
