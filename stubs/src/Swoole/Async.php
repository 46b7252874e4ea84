<?php

namespace Swoole;

/**
 * Files, commands and names beside the event loop. Callbacks come later, from the loop, and what waits
 * keeps the loop alive.
 *
 * Files are worked on by a few threads; the jobs on one file are done in the order of the calls. What
 * fails at once is told at once, by a warning and `false`; what fails later is told to the callback.
 */
class Async
{
    /**
     * Reads a whole file.
     *
     * @param string $filename A regular file, at most 4194304 bytes and not empty.
     * @param callable $callback `callable(string $filename, string|false $content): void`
     */
    public static function readFile(string $filename, callable $callback): bool
    {
    }

    /**
     * Makes a file consist of `$content`. It is made if there is none.
     *
     * @param string $filename The file.
     * @param string $content Not empty, at most 4194304 bytes.
     * @param callable|null $callback `callable(string $filename, int|false $written): void`
     * @param int $flags `FILE_APPEND` adds to the file instead.
     */
    public static function writeFile(string $filename, string $content, ?callable $callback = null, int $flags = 0): bool
    {
    }

    /**
     * Reads a file in chunks, one after the other.
     *
     * @param string $filename A regular file.
     * @param callable $callback `callable(string $filename, string|false $chunk): bool`, called until it
     *     returns `false` or throws; with `''` at the end of the file.
     * @param int $chunk_size Bytes, at most 1048576.
     * @param int $offset Where to start, inside of the file.
     */
    public static function read(string $filename, callable $callback, int $chunk_size = 65536, int $offset = 0): bool
    {
    }

    /**
     * Writes into a file. It is made if there is none.
     *
     * @param string $filename The file.
     * @param string $content Not empty, at most 67108864 bytes.
     * @param int $offset Where; below 0: at the end.
     * @param callable|null $callback `callable(string $filename, int|false $written): void`
     */
    public static function write(string $filename, string $content, int $offset = -1, ?callable $callback = null): bool
    {
    }

    /**
     * Looks up the IPv4 address of a host.
     *
     * @param string $hostname 1 to 255 bytes.
     * @param callable $callback `callable(string $hostname, string $ip): void`; `''`: there is none.
     */
    public static function dnsLookup(string $hostname, callable $callback): bool
    {
    }

    /**
     * Runs a command of the shell. It goes on when the loop ends before it.
     *
     * @param string $command For `/bin/sh -c`.
     * @param callable $callback `callable(string $output, array{code: int, signal: int}|false $status): void`;
     *     `false`: somebody else has taken its status, as `Process::wait()` does. A command that says
     *     more than 256 MiB is killed.
     * @return int|false Its process id.
     */
    public static function exec(string $command, callable $callback): int|false
    {
    }

    /**
     * Settings of this process.
     *
     * @param array $settings `thread_num` (2): the most threads that work on files, 1 to 32, before the first
     *     one is made (without it the ini setting `swoole.aio_thread_num`); `display_errors`: whether the warnings of the
     *     classic API are raised; `dns_cache_refresh_time` (60): seconds that addresses are kept. The other
     *     names of the classic API have no effect and say so.
     * @throws \ValueError for a value that a setting cannot have.
     */
    public static function set(array $settings): void
    {
    }
}
