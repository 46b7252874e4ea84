<?php

namespace Swoole;

/**
 * The loop, for descriptors of PHP's own: streams, sockets, pipes.
 *
 * One turn: cycle callback (before), poll, I/O, signals, timers, deferred callbacks, cycle callback. A
 * script that ends with work pending runs the loop by itself, and ends when nothing is pending.
 */
class Event
{
    /**
     * Watches a descriptor and makes it non-blocking. Level-triggered: a callback that reads only a part
     * is called again. Holds the socket and both callbacks until `del()`.
     *
     * @param int|resource|\Socket|Client $fd A socket or a pipe.
     * @param callable|null $read_callback `callable(mixed $fd): void`
     * @param callable|null $write_callback `callable(mixed $fd): void`
     * @param int $flags `SWOOLE_EVENT_READ` and/or `SWOOLE_EVENT_WRITE`; 0: reading.
     * @return int|false The descriptor. `false` with a warning: no callback, no usable descriptor, or
     *     watched already.
     */
    public static function add(mixed $fd, ?callable $read_callback = null, ?callable $write_callback = null, int $flags = 0): int|false
    {
    }

    /**
     * Changes a watched descriptor.
     *
     * @param int|resource|\Socket|Client $fd As given to `add()`.
     * @param callable|null $read_callback `null`: as it was.
     * @param callable|null $write_callback `null`: as it was.
     * @param int $flags As of `add()`; 0: as they were.
     * @return bool `false` with a warning: not watched.
     */
    public static function set(mixed $fd, ?callable $read_callback = null, ?callable $write_callback = null, int $flags = 0): bool
    {
    }

    /**
     * Watches no longer, and releases the socket and its callbacks. Do it before closing the descriptor:
     * one that was closed without it is dropped with a warning.
     *
     * @param int|resource|\Socket|Client $fd As given to `add()`.
     * @return bool `false` with a warning: not watched.
     */
    public static function del(mixed $fd): bool
    {
    }

    /**
     * Whether the descriptor is watched for any of these events.
     *
     * @param int|resource|\Socket|Client $fd As given to `add()`.
     * @param int $flags `SWOOLE_EVENT_READ` and/or `SWOOLE_EVENT_WRITE`.
     */
    public static function isset(mixed $fd, int $flags = SWOOLE_EVENT_READ | SWOOLE_EVENT_WRITE): bool
    {
    }

    /**
     * Writes without blocking: what the kernel does not take now is sent when it does.
     *
     * @param int|resource|\Socket|Client $fd A socket or a pipe.
     * @param string $data Not empty.
     * @return bool `false` with a warning.
     */
    public static function write(mixed $fd, string $data): bool
    {
    }

    /**
     * Runs the loop until nothing is pending or `exit()` is called. Inside the loop: does nothing.
     */
    public static function wait(): void
    {
    }

    /**
     * Leaves the loop after the running callback; all that it holds is released.
     */
    public static function exit(): void
    {
    }

    /**
     * Calls once after the events of this turn; from a deferred callback: of the next turn.
     *
     * @param callable $callback `callable(): void`
     * @return bool `true`
     */
    public static function defer(callable $callback): bool
    {
    }

    /**
     * Sets, replaces or removes what runs in each turn. It does not keep the loop running.
     *
     * @param callable|null $callback `callable(): void`; `null` removes it.
     * @param bool $before At the start of a turn instead of at its end.
     * @return bool `false`: there was nothing to remove.
     */
    public static function cycle(?callable $callback, bool $before = false): bool
    {
    }

    /**
     * Runs one turn of the loop.
     *
     * @return bool `false`: nothing is pending, or the loop is running.
     */
    public static function dispatch(): bool
    {
    }
}
