<?php

namespace Swoole;

/**
 * A client of TCP, UDP and unix sockets, synchronous or asynchronous.
 *
 * Synchronous: every call blocks; the descriptor closes when the object dies. Asynchronous
 * (`SWOOLE_ASYNC`): `connect()` returns at once and the callbacks of `on()` tell the rest. From
 * `connect()` to the end of the connection the engine keeps one reference on the object (a tether,
 * see {@see \Tether\Ledger}), so it may be a local variable.
 */
class Client
{
    /** Of `send()` and `recv()`: out-of-band data. */
    const MSG_OOB = 1;
    /** Of `recv()`: leave the data in the queue. */
    const MSG_PEEK = 2;
    /** Of `recv()`: do not wait. */
    const MSG_DONTWAIT = 64;
    /** Of `recv()`: wait until all of the size has come. */
    const MSG_WAITALL = 256;
    /** The receiving half. */
    const SHUT_RD = 0;
    /** The sending half. */
    const SHUT_WR = 1;
    /** Both halves. */
    const SHUT_RDWR = 2;

    /**
     * @var int Why the last call or the connection failed: an errno, 704 (DNS), 1008 (output buffer full),
     *     1009 (TLS does not stand), 1012 (the peer's certificate is not trusted), 1013 (the peer refused
     *     ours), 1014 (TLS failed otherwise), 1201 (a packet that can not be), 5001 (not connected),
     *     7001 to 7004 (the SOCKS5 proxy), 8001 (the HTTP proxy). 104 after an end that TLS did not
     *     announce: something may be cut off. Success does not reset it, `connect()` does.
     */
    public $errCode = 0;
    /** @var string The same in words, for whatever ended a connection or kept it from standing. */
    public $errMsg = '';
    /** @var int The OS descriptor, once connected. */
    public $sock = 0;
    /** @var bool Whether the connection came from the pool of SWOOLE_KEEP. */
    public $reuse = false;
    /** @var int How often the connection was taken from that pool. */
    public $reuseCount = 0;
    /** @var int The type given to the constructor, flags included. */
    public $type = 0;
    /** @var string|null The id given to the constructor. */
    public $id = null;
    /** @var array<string, mixed>|null All options given to `set()`. */
    public $setting = null;
    /** @var callable|null The callback that `on()` registered; writing here registers none. */
    public $onConnect = null;
    /** @var callable|null As `$onConnect`. */
    public $onError = null;
    /** @var callable|null As `$onConnect`. */
    public $onReceive = null;
    /** @var callable|null As `$onConnect`. */
    public $onClose = null;
    /** @var callable|null As `$onConnect`. */
    public $onBufferFull = null;
    /** @var callable|null As `$onConnect`. */
    public $onBufferEmpty = null;
    /** @var null `enableSSL()` takes its callback itself. */
    public $onSSLReady = null;

    /**
     * Makes a client that is not connected; opens nothing.
     *
     * @param int $type A `SWOOLE_SOCK_*` constant (TCP, TCP6, UDP, UDP6, UNIX_STREAM, UNIX_DGRAM), or'ed with
     *     `SWOOLE_ASYNC`, `SWOOLE_SYNC` or, synchronous streams only, `SWOOLE_KEEP`: `close()` and the
     *     object's end give the connection to a pool of this process, and a later `connect()` with the
     *     same key takes it, if it still stands and holds no unread bytes. Without a socket type: TCP.
     * @param int $async `SWOOLE_SOCK_ASYNC` does the same as the flag.
     * @param string|null $id The key in the pool; without it: type, host and port.
     *     `SWOOLE_SSL`, streams only: TLS 1.2 or 1.3 from the start, see the `ssl_*` options of `set()`.
     * @throws \ValueError for another type, for `SWOOLE_KEEP` with `SWOOLE_ASYNC`, and for `SWOOLE_SSL` with
     *     datagrams.
     */
    public function __construct(int $type, int $async = SWOOLE_SOCK_SYNC, ?string $id = null)
    {
    }

    /**
     * Merges options into those set before; read by the next `connect()`.
     *
     * An unknown option warns and names the nearest known one; so does one that is not implemented
     * yet. Durations are in seconds, 0 = no limit.
     *
     * @param array{
     *     connect_timeout?: float,
     *     read_timeout?: float,
     *     total_timeout?: float,
     *     open_tcp_nodelay?: bool,
     *     bind_address?: string,
     *     bind_port?: int,
     *     socket_buffer_size?: int,
     *     open_eof_check?: bool,
     *     open_eof_split?: bool,
     *     package_eof?: string,
     *     open_length_check?: bool,
     *     package_length_type?: string,
     *     package_length_offset?: int,
     *     package_body_offset?: int,
     *     package_length_func?: callable(string): int,
     *     open_mqtt_protocol?: bool,
     *     package_max_length?: int,
     *     buffer_high_watermark?: int,
     *     buffer_low_watermark?: int,
     *     ssl_verify_peer?: bool,
     *     ssl_allow_self_signed?: bool,
     *     ssl_cafile?: string,
     *     ssl_capath?: string,
     *     ssl_verify_depth?: int,
     *     ssl_host_name?: string,
     *     ssl_cert_file?: string,
     *     ssl_key_file?: string,
     *     ssl_passphrase?: string,
     *     ssl_ciphers?: string,
     *     ssl_method?: int,
     *     socks5_host?: string,
     *     socks5_port?: int,
     *     socks5_username?: string,
     *     socks5_password?: string,
     *     http_proxy_host?: string,
     *     http_proxy_port?: int,
     *     http_proxy_user?: string,
     *     http_proxy_password?: string,
     * } $settings connect_timeout 0.5: for a `connect()` without one; read_timeout 300: idle time
     *     before the first data; total_timeout 0: how long a connection may last in all;
     *     open_tcp_nodelay true; bind_address, bind_port: the local end;
     *     socket_buffer_size 8388608: bytes that may wait to be sent (0 = no limit);
     *     open_eof_check: `receive` gets what ends with package_eof ("\r\n\r\n", 1 to 8 bytes), maybe
     *     several packets; open_eof_split: one packet a call; open_length_check: packets begin with a
     *     length of package_length_type N (one of c C s S n N l L v V) at package_length_offset 0 that
     *     counts from package_body_offset 0 (0: the whole packet), or package_length_func tells the
     *     length of the whole packet (0: more is needed, negative: no packet); open_mqtt_protocol: packets
     *     of MQTT; `recv()` gets one packet under any of these; package_max_length 2097152: a longer packet ends the connection with
     *     `$errCode` 1201; buffer_high_watermark (0.8 of socket_buffer_size), buffer_low_watermark 0:
     *     when `bufferFull` and `bufferEmpty` run.
     *     ssl_verify_peer true: the peer must show a certificate for ssl_host_name (else the host of
     *     `connect()`; names stand in its subjectAltName) that an authority of ssl_cafile or ssl_capath
     *     signed, of the system without both; a certificate that stands in ssl_cafile itself is trusted
     *     too; ssl_allow_self_signed false: one that signed itself is taken, for the right name;
     *     ssl_verify_depth: the most certificates between; ssl_cert_file, ssl_key_file: the client's own, in
     *     PEM, ssl_passphrase opens an encrypted key (PKCS #8, as `openssl pkcs8 -topk8` writes it);
     *     ssl_ciphers: a list as OpenSSL has it, whose names of TLS 1.3 choose among its suites and the rest
     *     among those of TLS 1.2; ssl_method SWOOLE_TLSv1_2_METHOD: without TLS 1.3.
     *     socks5_*, http_proxy_* (CONNECT): a proxy connects in the client's place, also for TLS, and
     *     resolves the name; SOCKS5 goes before HTTP. Unix sockets and datagrams know no proxies.
     * @return bool `true`
     */
    public function set(array $settings): bool
    {
    }

    /**
     * Registers an event callback of an asynchronous client; the last one registered counts.
     *
     * - `connect`: `callable(Swoole\Client $client): void`
     * - `receive`: `callable(Swoole\Client $client, string $data): void`
     * - `error`: `callable(Swoole\Client $client): void`: the connection never stood, see `$errCode`
     * - `close`: `callable(Swoole\Client $client): void`: it has ended, whoever ended it
     * - `bufferFull`, `bufferEmpty`: `callable(Swoole\Client $client): void`: what waits to be sent has
     *   reached the high watermark, has fallen to the low one after that
     *
     * An end runs exactly one of `error` and `close`, once; a `close()` before the connection stood
     * runs none.
     *
     * @param string $event The name in any case.
     * @param callable $callback
     * @return bool `false` with a warning: unknown event.
     * @throws \Error on a synchronous client.
     */
    public function on(string $event, callable $callback): bool
    {
    }

    /**
     * Connects. Synchronous: waits for it. Asynchronous: returns at once, and `connect` or `error`
     * follows from the loop; `connect`, `error` and `close` must have callbacks, for datagrams only
     * `receive`. A datagram client is held until its `close()`, or until nothing was sent or received
     * for read_timeout. After an end it may be
     * called again.
     *
     * @param string $host An IP address, a name (resolved without blocking the loop), or the path of a unix socket.
     * @param int $port 1 to 65535; not used by unix sockets.
     * @param float $timeout Seconds for resolving and connecting together; 0 = as long as the system
     *     lets it. Not given: the option connect_timeout.
     * @param int $flag 1, synchronous: TCP returns while it still connects (see `swoole_client_select()`), UDP
     *     receives from this peer only.
     * @return bool `false` with a warning: bad address, already connected, or (synchronous) failed, see `$errCode`.
     * @throws \Error when a callback is missing.
     * @throws \ValueError when options of TLS or of a proxy can not be: a file that can not be read, a
     *     certificate without its key, a proxy without its port.
     */
    public function connect(string $host, int $port = 0, float $timeout = 0.5, int $flag = 0): bool
    {
    }

    /**
     * Sends all of the data, or one datagram; an asynchronous client queues what the kernel does not take now.
     *
     * @param string $data Not empty.
     * @param int $flag Not used.
     * @return int|false The length of the data. `false` with a warning and `$errCode`: not connected (5001),
     *     more than socket_buffer_size would wait (1008), an errno.
     */
    public function send(string $data, int $flag = 0): int|false
    {
    }

    /**
     * Receives on a synchronous client: what is there, one datagram, or with packet options one packet, its
     * mark or length included (then size and flags do not count). The timeout of `connect()` holds for each call.
     *
     * @param int $size The most that is returned, in bytes.
     * @param int $flags `MSG_WAITALL` (or 1), `MSG_PEEK`, `MSG_DONTWAIT`.
     * @return string|false `''` when the peer has closed, or with `$errCode` 1201 sent a length that can not
     *     be. `false` with a warning and `$errCode`.
     * @throws \Error on an asynchronous client: it receives through `on('receive')`.
     * @throws \ValueError when the size is not above 0.
     */
    public function recv(int $size = 65535, int $flags = 0): string|false
    {
    }

    /**
     * Whether there is a connection. It is not probed: a peer that has gone shows at the next use.
     */
    public function isConnected(): bool
    {
    }

    /**
     * The local end of the connection.
     *
     * @return array{port: int, host: string}|false `false`: not connected, or a unix socket.
     */
    public function getsockname(): array|false
    {
    }

    /**
     * The peer's end of the connection; of synchronous UDP the sender of the last datagram.
     *
     * @return array{port: int, host: string}|false `false`: not connected, or a unix socket.
     */
    public function getpeername(): array|false
    {
    }

    /**
     * Closes the connection. An asynchronous client sends what is queued first, and its `close` callback
     * runs before this returns, or when the running callback has returned.
     *
     * @param bool $force Do not give it to the pool of SWOOLE_KEEP.
     * @return bool `false` with a warning: not connected.
     */
    public function close(bool $force = false): bool
    {
    }

    /**
     * Sends one datagram to an address; needs no `connect()`.
     *
     * @param string $ip An IP address; synchronous also a name.
     * @param int $port
     * @param string $data Not empty.
     * @return bool `false` with a warning: not UDP, bad address, or an errno in `$errCode`.
     */
    public function sendto(string $ip, int $port, string $data): bool
    {
    }

    /**
     * Sends a part of a file, in its place between what is sent before and after.
     *
     * @param string $file
     * @param int $offset
     * @param int $length Bytes; 0: to the end.
     * @return bool `false` with a warning: no such file, nothing to send, not connected, a datagram client.
     * @throws \ValueError when one is negative.
     */
    public function sendfile(string $file, int $offset = 0, int $length = 0): bool
    {
    }

    /**
     * Hands all that is received from now on to another asynchronous client or to a stream, instead of
     * `receive`; packet options hold. It waits there if it must, within that one's limits: what goes beyond is
     * lost with a warning, as with `send()` and `Event::write()`. A client is held so until this connection has
     * ended, a stream until this client is destroyed or pipes to something else.
     *
     * @param mixed $destination A `Swoole\Client`, a stream, a `Socket`, or the number of a descriptor.
     * @return bool `false` with a warning: not connected, not asynchronous, or itself.
     * @throws \TypeError for anything else.
     */
    public function pipe(mixed $destination): bool
    {
    }

    /**
     * Ends one side of the connection after what was sent.
     *
     * @param int $how `SHUT_RD`, `SHUT_WR` or `SHUT_RDWR`.
     * @return bool `false` with a warning and `$errCode`.
     * @throws \ValueError for anything else.
     */
    public function shutdown(int $how): bool
    {
    }

    /**
     * Asynchronous: nothing is read until `wakeup()`.
     *
     * @return bool `false` with a warning: not connected, or synchronous.
     */
    public function sleep(): bool
    {
    }

    /** Another name of `sleep()`. */
    public function pause(): bool
    {
    }

    /**
     * Asynchronous: reads again.
     *
     * @return bool `false` with a warning: not connected, or synchronous.
     */
    public function wakeup(): bool
    {
    }

    /** Another name of `wakeup()`. */
    public function resume(): bool
    {
    }

    /**
     * Begins TLS on a connection that stands without (STARTTLS), by the `ssl_*` options as they are now.
     * What was sent before leaves in the clear; what the peer sent before and nobody has received is
     * dropped. A handshake that fails, or takes longer than the connect took at most, ends the connection.
     *
     * @param callable(Swoole\Client): void|null $callback Asynchronous, required: called once when TLS stands;
     *     dropped without a call when the connection ends before (`close` tells why).
     * @return bool Synchronous: whether TLS stands. `false` with a warning: not connected, no stream, has TLS
     *     already, or (synchronous) failed, see `$errCode` and `$errMsg`.
     * @throws \TypeError asynchronous, without a callback.
     * @throws \ValueError as of `connect()`.
     */
    public function enableSSL(?callable $callback = null): bool
    {
    }

    /**
     * The peer's certificate.
     *
     * @return string|false In PEM; `false` with a warning: TLS does not stand.
     */
    public function getPeerCert(): string|false
    {
    }

    /**
     * Whether the peer's certificate is good, which the handshake has found out: of use where
     * ssl_verify_peer is off.
     *
     * @param bool $allow_self_signed One that signed itself is good, too.
     * @return bool `false` with a warning, `$errCode` 1012 and the reason in `$errMsg`.
     */
    public function verifyPeerCert(bool $allow_self_signed = false): bool
    {
    }

    /**
     * The connection's socket, for PHP's extension sockets: its options and addresses. It is another
     * descriptor of the same socket, so what is read or closed with it is the caller's affair.
     *
     * @return \Socket|false `false` with a warning: not connected, SWOOLE_KEEP, or the extension is not loaded.
     */
    public function getSocket(): \Socket|false
    {
    }
}
