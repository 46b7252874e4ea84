<?php

/**
 * The version of the classic API that the engine stands for.
 */
function swoole_version(): string
{
}

/**
 * The engine's own version.
 */
function tether_version(): string
{
}

/**
 * The error of the last call that failed: an errno or a `SWOOLE_ERROR_*`. Success does not reset it.
 */
function swoole_last_error(): int
{
}

/**
 * The `errno` of the C library.
 */
function swoole_errno(): int
{
}

/**
 * An error number in words.
 *
 * @param int $errno The number.
 * @param int $error_type One of `SWOOLE_STRERROR_*`: whose number it is. The system's by default, which
 *     knows the `SWOOLE_ERROR_*` too.
 */
function swoole_strerror(int $errno, int $error_type = SWOOLE_STRERROR_SYSTEM): string
{
}

/**
 * How many CPUs this process may use.
 */
function swoole_cpu_num(): int
{
}

/**
 * The IPv4 addresses of this machine's interfaces.
 *
 * @return array<string, string> By the names of the interfaces that are up; without 127.0.0.1.
 */
function swoole_get_local_ip(): array
{
}

/**
 * The hardware addresses of this machine's interfaces.
 *
 * @return array<string, string> `02:FC:00:00:00:01`, by the names of the interfaces that are up.
 */
function swoole_get_local_mac(): array
{
}

/**
 * A hash of a string: not for secrets.
 *
 * @param string $data What to hash.
 * @param int $type 0: the one of PHP's arrays, 64 bits; 1: one at a time (Jenkins), 32 bits.
 */
function swoole_hashcode(string $data, int $type = 0): int
{
}

/**
 * The media type that the ending of a file's name stands for.
 *
 * @param string $filename A name or a path; the file is not looked at.
 * @return string `application/octet-stream` if it is not known.
 */
function swoole_get_mime_type(string $filename): string
{
}

/**
 * Forgets the addresses that were looked up a short while ago.
 */
function swoole_clear_dns_cache(): void
{
}

/**
 * The classic engine's own mark before the user's shutdown functions: does nothing here.
 *
 * @return bool always true
 */
function swoole_call_user_shutdown_begin(): bool
{
}

/**
 * Names this process, as `ps` shows it.
 *
 * @param string $name At most 127 bytes.
 * @return bool `false` with a warning: too long, or the system refuses.
 */
function swoole_set_process_name(string $name): bool
{
}

/**
 * Calls again and again. What is missed while PHP code runs is not made up for. An exception does not
 * end the timer.
 *
 * @param int $ms Milliseconds between calls, above 0.
 * @param callable $callback `callable(int $timer_id, mixed ...$params): void`
 * @param mixed ...$params Passed on.
 * @return int|false The timer's id. `false` with a warning: bad interval.
 *
 * @see \Swoole\Timer::tick()
 */
function swoole_timer_tick(int $ms, callable $callback, mixed ...$params): int|false
{
}

/**
 * Calls once; callback and parameters are released right after it ran.
 *
 * @param int $ms Milliseconds, above 0.
 * @param callable $callback `callable(mixed ...$params): void`
 * @param mixed ...$params Passed on.
 * @return int|false The timer's id. `false` with a warning: bad interval.
 *
 * @see \Swoole\Timer::after()
 */
function swoole_timer_after(int $ms, callable $callback, mixed ...$params): int|false
{
}

/**
 * Forgets a timer and releases what it holds; inside its own callback: when that has returned.
 *
 * @param int $timer_id What `swoole_timer_tick()` or `swoole_timer_after()` returned.
 * @return bool `false`: there is no such timer.
 *
 * @see \Swoole\Timer::clear()
 */
function swoole_timer_clear(int $timer_id): bool
{
}

/**
 * Whether the timer will fire.
 *
 * @param int $timer_id What `swoole_timer_tick()` or `swoole_timer_after()` returned.
 *
 * @see \Swoole\Timer::exists()
 */
function swoole_timer_exists(int $timer_id): bool
{
}

/**
 * The ids of all timers of this process.
 *
 * @return list<int>
 *
 * @see \Swoole\Timer::list()
 */
function swoole_timer_list(): array
{
}

/**
 * Clears all timers of this process.
 *
 * @return bool `true`
 *
 * @see \Swoole\Timer::clearAll()
 */
function swoole_timer_clear_all(): bool
{
}

/**
 * Watches a descriptor and makes it non-blocking. Level-triggered: a callback that reads only a part
 * is called again. Holds the socket and both callbacks until `swoole_event_del()`.
 *
 * @param int|resource|\Socket|\Swoole\Client $fd A socket or a pipe.
 * @param callable|null $read_callback `callable(mixed $fd): void`
 * @param callable|null $write_callback `callable(mixed $fd): void`
 * @param int $flags `SWOOLE_EVENT_READ` and/or `SWOOLE_EVENT_WRITE`; 0: reading.
 * @return int|false The descriptor. `false` with a warning: no callback, no usable descriptor, or
 *     watched already.
 *
 * @see \Swoole\Event::add()
 */
function swoole_event_add(mixed $fd, ?callable $read_callback = null, ?callable $write_callback = null, int $flags = 0): int|false
{
}

/**
 * Changes a watched descriptor.
 *
 * @param int|resource|\Socket|\Swoole\Client $fd As given to `swoole_event_add()`.
 * @param callable|null $read_callback `null`: as it was.
 * @param callable|null $write_callback `null`: as it was.
 * @param int $flags As of `swoole_event_add()`; 0: as they were.
 * @return bool `false` with a warning: not watched.
 *
 * @see \Swoole\Event::set()
 */
function swoole_event_set(mixed $fd, ?callable $read_callback = null, ?callable $write_callback = null, int $flags = 0): bool
{
}

/**
 * Watches no longer, and releases the socket and its callbacks. Do it before closing the descriptor:
 * one that was closed without it is dropped with a warning.
 *
 * @param int|resource|\Socket|\Swoole\Client $fd As given to `swoole_event_add()`.
 * @return bool `false` with a warning: not watched.
 *
 * @see \Swoole\Event::del()
 */
function swoole_event_del(mixed $fd): bool
{
}

/**
 * Whether the descriptor is watched for any of these events.
 *
 * @param int|resource|\Socket|\Swoole\Client $fd As given to `swoole_event_add()`.
 * @param int $flags `SWOOLE_EVENT_READ` and/or `SWOOLE_EVENT_WRITE`.
 *
 * @see \Swoole\Event::isset()
 */
function swoole_event_isset(mixed $fd, int $flags = SWOOLE_EVENT_READ | SWOOLE_EVENT_WRITE): bool
{
}

/**
 * Writes without blocking: what the kernel does not take now is sent when it does.
 *
 * @param int|resource|\Socket|\Swoole\Client $fd A socket or a pipe.
 * @param string $data Not empty.
 * @return bool `false` with a warning.
 *
 * @see \Swoole\Event::write()
 */
function swoole_event_write(mixed $fd, string $data): bool
{
}

/**
 * Runs the loop until nothing is pending or `swoole_event_exit()` is called. Inside the loop: does nothing.
 *
 * @see \Swoole\Event::wait()
 */
function swoole_event_wait(): void
{
}

/**
 * Leaves the loop after the running callback; all that it holds is released.
 *
 * @see \Swoole\Event::exit()
 */
function swoole_event_exit(): void
{
}

/**
 * Calls once after the events of this turn; from a deferred callback: of the next turn.
 *
 * @param callable $callback `callable(): void`
 * @return bool `true`
 *
 * @see \Swoole\Event::defer()
 */
function swoole_event_defer(callable $callback): bool
{
}

/**
 * Sets, replaces or removes what runs in each turn. It does not keep the loop running.
 *
 * @param callable|null $callback `callable(): void`; `null` removes it.
 * @param bool $before At the start of a turn instead of at its end.
 * @return bool `false`: there was nothing to remove.
 *
 * @see \Swoole\Event::cycle()
 */
function swoole_event_cycle(?callable $callback, bool $before = false): bool
{
}

/**
 * Runs one turn of the loop.
 *
 * @return bool `false`: nothing is pending, or the loop is running.
 *
 * @see \Swoole\Event::dispatch()
 */
function swoole_event_dispatch(): bool
{
}

/**
 * Waits until some of the clients, processes, streams and sockets are ready, and leaves only those in the
 * arrays, with their keys. Not for clients of the loop.
 *
 * @param array<\Swoole\Client|resource|\Socket|int>|null $read
 * @param array<\Swoole\Client|resource|\Socket|int>|null $write A connect in progress is ready here when it has ended.
 * @param array<\Swoole\Client|resource|\Socket|int>|null $except
 * @param float $timeout Seconds; negative: for ever.
 * @return int|false How many are ready. `false` with a warning: nothing to wait for, or a signal came.
 */
function swoole_client_select(?array &$read, ?array &$write, ?array &$except, float $timeout = 0.5): int|false
{
}

/**
 * Another name of `swoole_client_select()`.
 *
 * @see \swoole_client_select()
 * @param array<\Swoole\Client|resource|\Socket|int>|null $read
 * @param array<\Swoole\Client|resource|\Socket|int>|null $write
 * @param array<\Swoole\Client|resource|\Socket|int>|null $except
 * @param float $timeout Seconds; negative: for ever.
 */
function swoole_select(?array &$read, ?array &$write, ?array &$except, float $timeout = 0.5): int|false
{
}

/**
 * Reads a whole file beside the loop.
 *
 * @param string $filename The file.
 * @param callable $callback `callable(string $filename, string|false $content): void`
 *
 * @see \Swoole\Async::readFile()
 */
function swoole_async_readfile(string $filename, callable $callback): bool
{
}

/**
 * Writes a whole file beside the loop.
 *
 * @param string $filename The file.
 * @param string $content All of it.
 * @param callable|null $callback `callable(string $filename, int|false $written): void`
 * @param int $flags `FILE_APPEND` adds to the file instead.
 *
 * @see \Swoole\Async::writeFile()
 */
function swoole_async_writefile(string $filename, string $content, ?callable $callback = null, int $flags = 0): bool
{
}

/**
 * Reads a file in chunks beside the loop.
 *
 * @param string $filename The file.
 * @param callable $callback `callable(string $filename, string|false $chunk): bool`
 * @param int $chunk_size Bytes.
 * @param int $offset Where to start.
 *
 * @see \Swoole\Async::read()
 */
function swoole_async_read(string $filename, callable $callback, int $chunk_size = 65536, int $offset = 0): bool
{
}

/**
 * Writes into a file beside the loop.
 *
 * @param string $filename The file.
 * @param string $content What.
 * @param int $offset Where; below 0: at the end.
 * @param callable|null $callback `callable(string $filename, int|false $written): void`
 *
 * @see \Swoole\Async::write()
 */
function swoole_async_write(string $filename, string $content, int $offset = -1, ?callable $callback = null): bool
{
}

/**
 * Looks up the IPv4 address of a host.
 *
 * @param string $hostname The host.
 * @param callable $callback `callable(string $hostname, string $ip): void`
 *
 * @see \Swoole\Async::dnsLookup()
 */
function swoole_async_dns_lookup(string $hostname, callable $callback): bool
{
}

/**
 * Settings of this process.
 *
 * @param array $settings See there.
 *
 * @see \Swoole\Async::set()
 */
function swoole_async_set(array $settings): void
{
}
