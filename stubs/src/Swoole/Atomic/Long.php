<?php

namespace Swoole\Atomic;

/**
 * A signed 64 bit number that this process and all processes forked later share. Make it before
 * `Server::start()`. Every method throws an `\Error` when the constructor was not called.
 */
class Long
{
    /**
     * Maps the shared number.
     *
     * @param int $value What it starts with.
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
     * @return int The new number; beyond `PHP_INT_MIN` and `PHP_INT_MAX` it wraps.
     */
    public function add(int $add_value = 1): int
    {
    }

    /**
     * Subtracts in one step.
     *
     * @param int $sub_value What is subtracted; may be negative.
     * @return int The new number; beyond `PHP_INT_MIN` and `PHP_INT_MAX` it wraps.
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
     * Writes the number, whatever it was.
     *
     * @param int $value The new number.
     */
    public function set(int $value): void
    {
    }

    /**
     * Writes the number if it is what is expected, in one step.
     *
     * @param int $cmp_value What it must be.
     * @param int $new_value The new number.
     * @return bool `false`: it was another number, nothing is written.
     */
    public function cmpset(int $cmp_value, int $new_value): bool
    {
    }
}
