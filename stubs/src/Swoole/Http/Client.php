<?php

namespace Swoole\Http;

/**
 * An asynchronous HTTP/1.1 client: one request in flight, its response told by a one-shot callback.
 *
 * The first request connects; with keep_alive the next ones use the same connection. While there is a
 * connection the engine keeps one reference on the object (see {@see \Tether\Ledger}).
 */
class Client
{
    /** @var int The socket type: 1 TCP, 3 IPv6, 6 unix. */
    public $type = 0;
    /** @var int Why it failed: an errno, 110 (deadline), 104 (ended by the peer), 704 (DNS), 5001 (own close). */
    public $errCode = 0;
    /** @var string The same in words. */
    public $errMsg = '';
    /** @var int The status of the response; -1 connecting failed, -2 timeout, -3 the connection ended first. */
    public $statusCode = 0;
    /** @var string|null The host given to the constructor. */
    public $host = null;
    /** @var int The port given to the constructor. */
    public $port = 0;
    /** @var bool Whether it speaks TLS. */
    public $ssl = false;
    /** @var int The OS descriptor, once connected. */
    public $sock = 0;
    /** @var array<string, mixed>|null All options given to `set()`. */
    public $setting = null;
    /** @var string|null The method of the next request; reset by it. */
    public $requestMethod = null;
    /** @var array<string, string>|null The headers of every request. */
    public $requestHeaders = null;
    /** @var string|array<string, mixed>|null The body of the next request; reset by it. */
    public $requestBody = null;
    /** @var array|null Not used yet. */
    public $uploadFiles = null;
    /** @var string|null Not used yet. */
    public $downloadFile = null;
    /** @var array<string, string>|null The response's headers, names in lower case. */
    public $headers = null;
    /** @var list<string>|null The response's Set-Cookie lines. */
    public $set_cookie_headers = null;
    /** @var array<string, string>|null The cookies that are sent: those of `setCookies()` and of responses. */
    public $cookies = null;
    /** @var string The response's body, its transfer coding taken off. */
    public $body = '';

    /**
     * Makes a client; opens nothing.
     *
     * @param string $host A name, an IP address, or `unix:/path`.
     * @param int $port 1 to 65535.
     * @param bool $ssl TLS (https); the `ssl_*` options of {@see \Swoole\Client::set()} say how. The port is
     *     still 80 unless another is given.
     * @throws \ValueError for a bad host or port.
     */
    public function __construct(string $host, int $port = 80, bool $ssl = false)
    {
    }

    /**
     * Merges options into those set before. The options of {@see \Swoole\Client::set()} hold too.
     *
     * @param array{timeout?: float, connect_timeout?: float, keep_alive?: bool, read_timeout?: float} $settings
     *     Seconds, 0 = no limit. timeout 0.5: for connecting, and again for the response; connect_timeout:
     *     for connecting alone; keep_alive true; read_timeout 300: how long the connection may stand idle.
     * @return bool `true`
     */
    public function set(array $settings): bool
    {
    }

    /**
     * Registers an event callback, each `callable(Swoole\Http\Client $client): void`:
     * `connect`, `error` (it never stood) and `close` (it has ended). None is needed. When a request waits
     * for its response, its callback runs first, with `$statusCode` below 0.
     *
     * @param string $event The name in any case.
     * @param callable $callback
     * @return bool `false` with a warning: unknown event.
     */
    public function on(string $event, callable $callback): bool
    {
    }

    /**
     * Sets the method of the next `execute()`.
     *
     * @param string $method A known method in any case.
     * @return bool `false` with a warning: unknown method.
     */
    public function setMethod(string $method): bool
    {
    }

    /**
     * Merges headers that every request sends. `Host` is sent by itself unless it is given.
     *
     * @param array<string, string> $headers
     * @return bool `true`
     */
    public function setHeaders(array $headers): bool
    {
    }

    /**
     * Merges cookies that every request sends.
     *
     * @param array<string, string> $cookies
     * @return bool `true`
     */
    public function setCookies(array $cookies): bool
    {
    }

    /**
     * Sets the body of the next `execute()`, which then is a POST unless a method is set.
     *
     * @param array<string, mixed>|string $data An array is sent urlencoded.
     * @return bool `true`
     */
    public function setData(array|string $data): bool
    {
    }

    /**
     * Sends a GET request; connects first where that is needed.
     *
     * @param string $path Path and query.
     * @param callable $callback `callable(Swoole\Http\Client $client): void`; runs once, whatever comes
     *     (see `$statusCode`), and is released right after. It may send the next request.
     * @return bool `false` with a warning: another request is waiting for its response, or a line break in
     *     path or headers.
     */
    public function get(string $path, callable $callback): bool
    {
    }

    /**
     * Sends a POST request, otherwise as `get()`.
     *
     * @param string $path Path and query.
     * @param array<string, mixed>|string $data An array is sent urlencoded, a string as it is.
     * @param callable $callback `callable(Swoole\Http\Client $client): void`
     * @return bool `false` with a warning, as of `get()`.
     */
    public function post(string $path, array|string $data, callable $callback): bool
    {
    }

    /**
     * Sends a request with the method of `setMethod()` and the body of `setData()`, otherwise as `get()`.
     *
     * @param string $path Path and query.
     * @param callable $callback `callable(Swoole\Http\Client $client): void`
     * @return bool `false` with a warning, as of `get()`.
     */
    public function execute(string $path, callable $callback): bool
    {
    }

    /**
     * Whether there is a connection; it is not probed.
     */
    public function isConnected(): bool
    {
    }

    /**
     * Closes the connection. A request in flight is told (`$statusCode` -3), then `close` runs. Before the
     * connection stood nothing is called.
     *
     * @return bool `false` with a warning: not connected.
     */
    public function close(): bool
    {
    }
}
