<?php

namespace Swoole;

/**
 * An asynchronous MySQL and MariaDB client: one connection, one query at a time, each with a one-shot
 * callback.
 *
 * Logs in with `mysql_native_password` or `caching_sha2_password`. With the latter a server that has not
 * cached the account asks for the password itself: over TCP it is encrypted with the server's public key,
 * which is asked of it, as PHP's own clients do. Who is afraid of somebody between the two gives the key as
 * `server_public_key`, or uses TLS (`ssl`). `LOAD DATA LOCAL` is refused; several statements in one query
 * are the server's to refuse.
 */
class MySQL
{
    /** Of `getState()`: a query can be sent, or the connection is not ready yet. */
    const STATE_QUERY = 0;
    /** Of `getState()`: a query was sent. */
    const STATE_READ_START = 1;
    /** Of `getState()`: the columns of a result arrive. */
    const STATE_READ_FIELD = 2;
    /** Of `getState()`: the rows of a result arrive. */
    const STATE_READ_ROW = 3;
    /** Of `getState()`: not used. */
    const STATE_READ_END = 5;
    /** Of `getState()`: the connection has ended. */
    const STATE_CLOSED = 6;

    /** @var array<string, mixed>|null What `connect()` was given. */
    public $serverInfo = null;
    /** @var int|null The OS descriptor, once connected. */
    public $sock = null;
    /** @var bool Whether queries can be sent. */
    public $connected = false;
    /**
     * @var int Why the last query that failed did: the server's number, or 2006 not connected any more, 2013 the
     *     connection was lost, 2020 the result is too long, 2027 the server broke the protocol, 2068 it asked
     *     for a file, 110 deadline, 5001 own close. A later success does not clear it.
     */
    public $errno = 0;
    /** @var string The same in words. */
    public $error = '';
    /**
     * @var int Why connecting failed: the server's number, an errno (110 deadline), 704 the name does not
     *     resolve, 1012 and others of `Swoole\Client` for TLS, 2026 the server does no TLS, 2061 the login needs
     *     what is not supported.
     */
    public $connect_errno = 0;
    /** @var string The same in words. */
    public $connect_error = '';
    /** @var int|null The first AUTO_INCREMENT value that the last query without rows made. */
    public $insert_id = null;
    /** @var int|null How many rows the last query without rows changed. */
    public $affected_rows = null;
    /** @var null `connect()` takes its callback itself. */
    public $onConnect = null;
    /** @var callable|null The callback that `on()` registered; writing here registers none. */
    public $onClose = null;

    /**
     * Makes a client; opens nothing.
     */
    public function __construct()
    {
    }

    /**
     * Registers the callback `close`: `callable(Swoole\MySQL $mysql): void`: a connection has ended, or could
     * not be made.
     *
     * @param string $event `close`, in any case.
     * @param callable $callback
     * @return bool `false` with a warning: unknown event.
     */
    public function on(string $event, callable $callback): bool
    {
    }

    /**
     * Connects and logs in.
     *
     * @param array{
     *     host: string,
     *     port?: int,
     *     user: string,
     *     password: string,
     *     database: string,
     *     server_public_key?: string,
     *     ssl?: bool,
     *     ssl_cafile?: string,
     *     ssl_verify_peer?: bool,
     *     charset?: string,
     *     strict_type?: bool,
     *     timeout?: float,
     *     query_timeout?: float,
     *     idle_timeout?: float,
     *     socket_buffer_size?: int,
     *     package_max_length?: int,
     * } $config host: a name, an address or `unix:/path`; port 3306; database: '' selects none;
     *     server_public_key: PEM; ssl: TLS, as the `ssl_*` options of `Swoole\Client` say: the server's
     *     certificate is verified unless told otherwise; charset: a name as `utf8mb4`, by default the
     *     server's; strict_type: numbers in results are int and float. Seconds, 0 = no limit: timeout 1 for
     *     connecting and again for the login, query_timeout 3600, idle_timeout 300. Bytes, 0 = no limit:
     *     socket_buffer_size 128 MiB of a query, package_max_length 256 MiB of a result, with 64 more counted
     *     for each row: a longer one ends the connection (2020).
     * @param callable $callback `callable(Swoole\MySQL $mysql, bool $connected): void`; runs once, then is
     *     released. `false`: see `$connect_errno`, `$connect_error`; the `close` callback follows.
     * @return bool `false` with a warning: connected already.
     * @throws MySQL\Exception A key is missing (11), the charset is unknown (11), the host is no address (2).
     */
    public function connect(array $config, callable $callback): bool
    {
    }

    /**
     * Sends a query.
     *
     * The result: `true` when it is done without rows; an array of rows, each with its values by the names of the
     * columns (strings, NULL is null; of columns of one name the last counts); `false` on an error (`$errno`,
     * `$error`). Of a procedure's results the first is given, or `false` if a later one is an error.
     *
     * @param string $sql
     * @param callable $callback `callable(Swoole\MySQL $mysql, array|bool $result): void`; runs once, then is
     *     released.
     * @return bool `false` with a warning: empty, too long, not connected, or another query waits for its
     *     answer.
     */
    public function query(string $sql, callable $callback): bool
    {
    }

    /**
     * Starts a transaction; the callback and the result are those of `query()`.
     *
     * @param callable $callback `callable(Swoole\MySQL $mysql, bool $result): void`
     *
     * @throws MySQL\Exception One is open (21).
     */
    public function begin(callable $callback): bool
    {
    }

    /**
     * Commits the transaction; the callback and the result are those of `query()`.
     *
     * @param callable $callback `callable(Swoole\MySQL $mysql, bool $result): void`
     *
     * @throws MySQL\Exception None is open (22).
     */
    public function commit(callable $callback): bool
    {
    }

    /**
     * Takes the transaction back; the callback and the result are those of `query()`.
     *
     * @param callable $callback `callable(Swoole\MySQL $mysql, bool $result): void`
     *
     * @throws MySQL\Exception None is open (22).
     */
    public function rollback(callable $callback): bool
    {
    }

    /**
     * Quotes a string for use between single quotes in SQL, by the rules of the connection's charset and mode.
     *
     * @param string $string
     * @param int $flags Not used.
     * @return string|false `false` with a warning: not connected, or the charset is one in which it is not safe
     *     (gbk, big5, sjis, cp932, gb18030, and those of two and four bytes).
     */
    public function escape(string $string, int $flags = 0): string|false
    {
    }

    /**
     * Closes the connection. A query that waits gets its callback with `false` first (5001).
     *
     * @return bool `false` with a warning: not connected.
     */
    public function close(): bool
    {
    }

    /**
     * One of the `STATE_*` constants.
     */
    public function getState(): int
    {
    }
}
