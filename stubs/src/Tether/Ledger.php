<?php

namespace Tether;

/**
 * Every reference that the engine holds on a PHP value is one row here, and nothing else is: a row
 * exists if and only if the reference does. What PHP objects own (callbacks of `on()`) is no row.
 */
final class Ledger
{
    /** Only its static methods are of use. */
    private function __construct()
    {
    }

    /**
     * How many rows there are.
     *
     * @param string|null $kind `client`, `reply`, `timer`, `watcher`, `defer`, `signal`, `task` or
     *     `server`; `null`: all but `server`.
     * @throws \ValueError for another kind.
     */
    public static function count(?string $kind = null): int
    {
    }

    /**
     * All rows, the oldest first.
     *
     * @return list<array{
     *     id: int,
     *     kind: string,
     *     class: string|null,
     *     object_id: int,
     *     state: string,
     *     peer: string|null,
     *     file: string|null,
     *     line: int|null,
     *     since: float,
     *     parent: int,
     * }> object_id: see `spl_object_id()`; peer: `host:port`; file, line: where it was made; since: when,
     *     as `microtime(true)`; parent: the row in whose callback it was made (its number stays), 0 = none.
     */
    public static function rows(): array
    {
    }

    /**
     * The rows as text, one a line, each indented under its parent.
     */
    public static function tree(): string
    {
    }
}
