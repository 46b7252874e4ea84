<?php

namespace Swoole;

/**
 * A table of typed rows under string keys that this process and all processes forked later share.
 * Declare the columns, then `create()`, then fork or `Server::start()`.
 *
 * One call reads or writes one row as a whole; `incr()` and `decr()` are one step too. A killed process
 * leaves no half row and no lock. Keys have at most 64 bytes; longer ones are cut, with a warning when
 * written. Before `create()` and after `destroy()` all that touches rows throws an `\Error`.
 *
 * `$table[$key]` gives a {@see \Swoole\Table\Row}; `foreach` gives `key => row array`.
 */
class Table implements \ArrayAccess, \Iterator, \Traversable, \Countable
{
    /** A signed integer column of 1, 2, 4 or 8 bytes. */
    const TYPE_INT = 1;
    /** A byte string column of at most so many bytes. */
    const TYPE_STRING = 7;
    /** A column of 64 bit floats. */
    const TYPE_FLOAT = 6;

    /** @var int|null The rows asked for, rounded up. */
    public $size = null;
    /** @var int|null Bytes of the shared memory, once created. */
    public $memorySize = null;

    /**
     * Plans a table; `create()` makes it.
     *
     * @param int $rows How many are expected; rounded up to a power of two, 1024 to 2147483648.
     * @param float $conflict_proportion Room for more rows than that, as a share of them: 0.2 to 1.0, other
     *     values are brought into it.
     * @throws \Error when called again.
     */
    public function __construct(int $rows, float $conflict_proportion = 0.2)
    {
    }

    /**
     * Declares a column, before `create()`; the same name again replaces it.
     *
     * @param string $name Not empty.
     * @param int $type `TYPE_INT`, `TYPE_FLOAT` or `TYPE_STRING`.
     * @param int $size Bytes. Strings: 1 to 1073741824, must be given. Integers: 1, 2, 4 or 8, anything else
     *     is 4. Floats: not used.
     * @return bool `false` with a warning: no name, unknown type, bad size, or created already.
     */
    public function column(string $name, int $type, int $size = 0): bool
    {
    }

    /**
     * Maps the shared memory.
     *
     * @return bool `false` with a warning: created already, no column, or not enough memory.
     * @throws \Error when the constructor was not called.
     */
    public function create(): bool
    {
    }

    /**
     * Gives the table up in this process; others keep it.
     *
     * @return bool `true`
     * @throws \Error when it is not created.
     */
    public function destroy(): bool
    {
    }

    /**
     * Writes columns of a row, which is made if there is none: its other columns are then 0, 0.0 or `''`.
     * In a row that is there they keep their values.
     *
     * @param string $key At most 64 bytes.
     * @param array<string, mixed> $value Values by column, converted to its type; unknown columns are ignored. An
     *     integer keeps the bytes its column has (it wraps); a longer string is cut, with a warning.
     * @return bool `false` with a warning: the table is full.
     */
    public function set(string $key, array $value): bool
    {
    }

    /**
     * Reads a row or one column of it.
     *
     * @param string $key
     * @param string|null $field A column; null = all.
     * @return array<string, int|float|string>|int|float|string|false `false`: there is no such row; with a
     *     warning: no such column.
     */
    public function get(string $key, ?string $field = null): mixed
    {
    }

    /**
     * Removes a row.
     *
     * @param string $key
     * @return bool `false`: there was none.
     */
    public function del(string $key): bool
    {
    }

    /**
     * Whether there is such a row.
     *
     * @param string $key
     */
    public function exist(string $key): bool
    {
    }

    /**
     * The same as `exist()`.
     *
     * @param string $key
     */
    public function exists(string $key): bool
    {
    }

    /**
     * Adds to a number in one step; a row that is not there is made, from 0.
     *
     * @param string $key At most 64 bytes.
     * @param string $column An integer or float column.
     * @param int|float $by What is added; an integer column takes its integer part.
     * @return int|float|false The new number; an integer wraps at its column's size. `false` with a warning:
     *     no such column, a string column, or the table is full.
     */
    public function incr(string $key, string $column, int|float $by = 1): int|float|false
    {
    }

    /**
     * Subtracts from a number in one step; a row that is not there is made, from 0.
     *
     * @param string $key At most 64 bytes.
     * @param string $column An integer or float column.
     * @param int|float $by What is subtracted; an integer column takes its integer part.
     * @return int|float|false As `incr()`.
     */
    public function decr(string $key, string $column, int|float $by = 1): int|float|false
    {
    }

    /**
     * How many rows there are.
     *
     * @param int $mode Not used.
     */
    public function count(int $mode = 0): int
    {
    }

    /**
     * Bytes of the shared memory.
     */
    public function getMemorySize(): int
    {
    }

    /**
     * `isset($table[$key])`: whether there is such a row.
     *
     * @param mixed $offset The key, as a string.
     */
    public function offsetExists(mixed $offset): bool
    {
    }

    /**
     * `$table[$key]`
     *
     * @param mixed $offset The key, as a string.
     * @return \Swoole\Table\Row A copy of the row; without such a row its `$value` is an empty array.
     */
    public function offsetGet(mixed $offset): mixed
    {
    }

    /**
     * `$table[$key] = $row`, as `set()`.
     *
     * @param mixed $offset The key, as a string.
     * @param mixed $value An array of columns.
     * @throws \TypeError when the value is no array.
     * @throws \Error for `$table[] = $row` without a key.
     */
    public function offsetSet(mixed $offset, mixed $value): void
    {
    }

    /**
     * `unset($table[$key])`: removes the row, if any.
     *
     * @param mixed $offset The key, as a string.
     */
    public function offsetUnset(mixed $offset): void
    {
    }

    /**
     * Goes to the first row. Each process has one position for each table object; no order is promised, and
     * rows that come and go meanwhile may or may not be met.
     */
    public function rewind(): void
    {
    }

    /**
     * Whether it stands on a row.
     */
    public function valid(): bool
    {
    }

    /**
     * The row as it was when the iterator came to it.
     *
     * @return array<string, int|float|string>|null null: on no row.
     */
    public function current(): mixed
    {
    }

    /**
     * The row's key.
     *
     * @return string|null null: on no row.
     */
    public function key(): mixed
    {
    }

    /**
     * Goes to the next row.
     */
    public function next(): void
    {
    }
}
