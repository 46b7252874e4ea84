<?php

namespace Swoole\Table;

/**
 * What `$table[$key]` gives: a copy of a row. Reads see the copy; writes reach the table.
 */
class Row implements \ArrayAccess
{
    /** @var string|null The row's key. */
    public $key = null;
    /** @var array<string, int|float|string>|null The columns as they were read; empty when there was no such row. */
    public $value = null;

    /**
     * `isset($row[$column])`: whether the copy has the column.
     *
     * @param mixed $offset The column's name.
     */
    public function offsetExists(mixed $offset): bool
    {
    }

    /**
     * `$row[$column]`, from the copy.
     *
     * @param mixed $offset The column's name.
     * @return int|float|string|null null with a warning: the copy has no such column.
     */
    public function offsetGet(mixed $offset): mixed
    {
    }

    /**
     * `$row[$column] = $value`: writes the column in the table as `Table::set()` does, then reads the copy
     * anew.
     *
     * @param mixed $offset The column's name; an unknown one is ignored.
     * @param mixed $value Converted to the column's type.
     * @throws \Error without a name, and for a row that came from no table.
     */
    public function offsetSet(mixed $offset, mixed $value): void
    {
    }

    /**
     * Not possible: a row has all columns.
     *
     * @param mixed $offset The column's name.
     * @throws \Error always.
     */
    public function offsetUnset(mixed $offset): void
    {
    }
}
