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
    /**
     * @var int Why it failed: an errno (of the disk too), 110 (deadline), 104 (ended by the peer, or malformed),
     *     704 (DNS), 5001 (own close), 1008 (output buffer full), 1201 (body or message too large), 8502 (opcode),
     *     8503 (no WebSocket connection), 8504 (not upgraded).
     */
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
    /** @var list<array<string, mixed>>|null What `addFile()` has collected for the next request; reset by it. */
    public $uploadFiles = null;
    /** @var string|null The file that a `download()` under way writes to. */
    public $downloadFile = null;
    /** @var array<string, string>|null The response's headers, names in lower case. */
    public $headers = null;
    /** @var list<string>|null The response's Set-Cookie lines. */
    public $set_cookie_headers = null;
    /** @var array<string, string>|null The cookies that are sent: those of `setCookies()` and of responses. */
    public $cookies = null;
    /**
     * @var string The response's body, transfer coding and content coding (gzip, deflate or br) taken off; at
     *     most 64 MiB, or `package_max_length` if that is more. Empty after a failure, and when it is in a file.
     */
    public $body = '';
    /** @var callable|null The callback that `on()` registered; writing here registers none. */
    public $onConnect = null;
    /** @var callable|null As `$onConnect`. */
    public $onError = null;
    /** @var callable|null As `$onConnect`. */
    public $onClose = null;
    /** @var callable|null As `$onConnect`. */
    public $onMessage = null;

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
     * @param array{timeout?: float, connect_timeout?: float, keep_alive?: bool, read_timeout?: float,
     *     total_timeout?: float, package_max_length?: int, socket_buffer_size?: int} $settings
     *     Seconds, 0 = no limit. timeout 0.5: for connecting, and again for the response (of an upload: as long
     *     as nothing of it is taken; of a download: as long as nothing comes); connect_timeout: for connecting
     *     alone; keep_alive true; read_timeout 300: how long the connection may stand idle (a WebSocket: for
     *     ever); total_timeout 0: how long it may last in all. Bytes: package_max_length 2 MiB: the longest WebSocket message; socket_buffer_size 8 MiB: what
     *     may wait to be sent, files aside.
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
     * And `message`, `callable(Swoole\Http\Client $client, Swoole\WebSocket\Frame $frame): void`, which
     * `upgrade()` needs: a whole text or binary message (fragments are joined), a ping (it is answered
     * already), a pong, or a {@see \Swoole\WebSocket\CloseFrame} (it is answered already; `close` follows).
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
     * @param array<string, mixed>|string $data An array is sent urlencoded, with files as a form in parts.
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
     * @return bool `false` with a warning: another request is waiting for its response, a line break in
     *     path or headers, a body over socket_buffer_size (1008), a file of `addFile()` that cannot be read, or
     *     the connection is a WebSocket.
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
     * Adds a file to the body of the next `execute()` or `post()`, which then is a `multipart/form-data` form
     * of the data's fields and the files. A file is read as it is sent, and never whole.
     *
     * @param string $path A regular file that is not empty.
     * @param string $name The field's name.
     * @param string|null $type The media type; by the path's extension if null.
     * @param string|null $filename The name that is sent; the path's last part if null.
     * @param int $offset From where on it is sent.
     * @param int $length So many bytes; 0 = to its end.
     * @return bool `false` with a warning: there is no such file, or no such part of it.
     */
    public function addFile(string $path, string $name, ?string $type = null, ?string $filename = null, int $offset = 0, int $length = 0): bool
    {
    }

    /**
     * Sends a GET request, otherwise as `get()`, and writes the body of a response with a status of 2xx to a
     * file as it comes. The body of any other response is in `$body`, and the file stays as it was.
     *
     * No `Range` is sent by itself. With one in `setHeaders()` no coding is asked for, and none is taken off.
     *
     * @param string $path Path and query.
     * @param string $file Made if it is not there.
     * @param callable $callback `callable(Swoole\Http\Client $client): void`; `$statusCode` -3 and an errno
     *     when the disk has failed.
     * @param int $offset Where in the file the body begins; at 0 what it held is dropped.
     * @return bool `false` with a warning, as of `get()`.
     * @throws \ValueError for an empty name, or a negative offset.
     */
    public function download(string $path, string $file, callable $callback, int $offset = 0): bool
    {
    }

    /**
     * Asks for the connection to become a WebSocket, otherwise as `get()`. The callback sees `$statusCode` 101
     * and may `push()`; or what the server answered instead; or -3 and errCode 8504 when it answered 101
     * without the proof of RFC 6455. Fields of the handshake among the headers are replaced by its own.
     *
     * @param string $path Path and query.
     * @param callable $callback `callable(Swoole\Http\Client $client): void`
     * @return bool `false` with a warning, as of `get()`, or: no callback for `message`.
     */
    public function upgrade(string $path, callable $callback): bool
    {
    }

    /**
     * Sends a WebSocket frame, always masked. Whether a text is UTF-8 is up to the caller.
     *
     * @param \Swoole\WebSocket\Frame|string $data An object says itself what the other parameters say.
     * @param int $opcode WEBSOCKET_OPCODE_*. CLOSE begins the close handshake: $data is the reason, the code is
     *     1000 or that of a CloseFrame; the server has `timeout` seconds to answer and end the connection.
     * @param bool $finish `false`: more of this message comes, as CONTINUATION. Control frames are never in parts.
     * @return bool `false` with a warning and errCode: 8503 not connected, 8504 not upgraded, 8502 no such
     *     opcode or not here, 1202 a control frame over 125 bytes, 1008 the output buffer is full.
     * @throws \ValueError for the code or reason of a close frame that cannot be sent.
     */
    public function push(\Swoole\WebSocket\Frame|string $data, int $opcode = WEBSOCKET_OPCODE_TEXT, bool $finish = true): bool
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
     * connection stood nothing is called. A WebSocket's peer is sent a close frame with 1000.
     *
     * @return bool `false` with a warning: not connected.
     */
    public function close(): bool
    {
    }
}
