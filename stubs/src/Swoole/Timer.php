<?php

namespace Swoole;

/**
 * Timers of the loop. A pending timer keeps its callback and parameters (one row in
 * {@see \Tether\Ledger}) and keeps a script's loop running.
 */
class Timer
{
    /**
     * Calls again and again. What is missed while PHP code runs is not made up for. An exception does not
     * end the timer.
     *
     * @param int $ms Milliseconds between calls, above 0.
     * @param callable $callback `callable(int $timer_id, mixed ...$params): void`
     * @param mixed ...$params Passed on.
     * @return int|false The timer's id. `false` with a warning: bad interval.
     */
    public static function tick(int $ms, callable $callback, mixed ...$params): int|false
    {
    }

    /**
     * Calls once; callback and parameters are released right after it ran.
     *
     * @param int $ms Milliseconds, above 0.
     * @param callable $callback `callable(mixed ...$params): void`
     * @param mixed ...$params Passed on.
     * @return int|false The timer's id. `false` with a warning: bad interval.
     */
    public static function after(int $ms, callable $callback, mixed ...$params): int|false
    {
    }

    /**
     * Forgets a timer and releases what it holds; inside its own callback: when that has returned.
     *
     * @param int $timer_id What `tick()` or `after()` returned.
     * @return bool `false`: there is no such timer.
     */
    public static function clear(int $timer_id): bool
    {
    }

    /**
     * Whether the timer will fire.
     *
     * @param int $timer_id What `tick()` or `after()` returned.
     */
    public static function exists(int $timer_id): bool
    {
    }

    /**
     * The ids of all timers of this process.
     *
     * @return list<int>
     */
    public static function list(): array
    {
    }

    /**
     * Clears all timers of this process.
     *
     * @return bool `true`
     */
    public static function clearAll(): bool
    {
    }
}
