<?php

namespace Swoole;

/**
 * A byte string that is changed in place. It is not shared: a fork copies it.
 *
 * Negative offsets count from the end. It holds at most 128 MiB (134217728 bytes).
 */
class Buffer
{
    /** @var int Bytes it has room for before it grows. */
    public $capacity = 128;
    /** @var int Bytes it holds. */
    public $length = 0;

    /**
     * Makes an empty buffer.
     *
     * @param int $size Its capacity in bytes, 1 to 134217728; it grows on demand.
     * @throws \Swoole\Exception for another size.
     */
    public function __construct(int $size = 128)
    {
    }

    /**
     * Adds at the end; a full buffer grows to the next power of two.
     *
     * @param string $data Not empty.
     * @return int|false The new length. `false` with a warning: empty data, or it would be over 128 MiB.
     */
    public function append(string $data): int|false
    {
    }

    /**
     * Overwrites, and grows where the data reaches beyond the end.
     *
     * @param int $offset From 0 to the length, or negative: from the end.
     * @param string $data Not empty.
     * @return int|false The buffer's length. `false` with a warning: the offset is outside, empty data, or
     *     it would be over 128 MiB.
     */
    public function write(int $offset, string $data): int|false
    {
    }

    /**
     * Copies bytes out; they stay in the buffer.
     *
     * @param int $offset From 0, or negative: from the end.
     * @param int $length Bytes; negative: up to the end.
     * @return string|false `false` with a warning: not all of it is inside, or the result would be empty.
     */
    public function read(int $offset, int $length): string|false
    {
    }

    /**
     * Copies bytes out, and removes them if asked to.
     *
     * @param int $offset From 0, or negative: from the end.
     * @param int $length Bytes; negative: up to the end.
     * @param bool $remove Takes them out; what follows moves up.
     * @return string|false `false` with a warning: as `read()`.
     */
    public function substr(int $offset, int $length = -1, bool $remove = false): string|false
    {
    }

    /**
     * Raises the capacity.
     *
     * @param int $size Bytes; more than `$capacity`, at most 134217728.
     * @return int|false The new capacity. `false` with a warning: another size.
     */
    public function expand(int $size): int|false
    {
    }

    /**
     * Gives unused memory back; what it holds and `$capacity` stay.
     *
     * @return bool `true`
     */
    public function recycle(): bool
    {
    }

    /**
     * Empties it; `$capacity` stays.
     *
     * @return bool `true`
     */
    public function clear(): bool
    {
    }

    /**
     * All that it holds.
     */
    public function __toString(): string
    {
    }
}
