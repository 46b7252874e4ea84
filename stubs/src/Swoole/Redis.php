<?php

namespace Swoole;

/**
 * An asynchronous Redis client. Every command is a method: its arguments, then a one-shot callback
 * `callable(Swoole\Redis $redis, mixed $result): void`. Replies come in the order of the commands.
 *
 * The result: string, int, float, bool, null or (nested) array as the server replies; `false` on an error
 * reply (`$errCode` -1, `$errMsg` the server's words) and when the connection ends first (104 by the
 * peer, 110 deadline, 5001 own close). A command returns `true` when it was queued, `false` with a
 * warning when not.
 *
 * Subscribing: register `on('message')` before `connect()`; then only `subscribe()`, `psubscribe()`,
 * `unsubscribe()` and `punsubscribe()` can be used, without a callback.
 *
 * @method bool get(string $key, callable $callback)
 * @method bool set(string $key, string $value, mixed ...$options_and_callback)
 * @method bool setex(string $key, int $seconds, string $value, callable $callback)
 * @method bool mget(string ...$keys_and_callback)
 * @method bool del(string ...$keys_and_callback)
 * @method bool exists(string $key, callable $callback)
 * @method bool expire(string $key, int $seconds, callable $callback)
 * @method bool ttl(string $key, callable $callback)
 * @method bool incr(string $key, callable $callback)
 * @method bool incrby(string $key, int $by, callable $callback)
 * @method bool decr(string $key, callable $callback)
 * @method bool hget(string $key, string $field, callable $callback)
 * @method bool hset(string $key, string $field, string $value, callable $callback)
 * @method bool hgetall(string $key, callable $callback)
 * @method bool hdel(string $key, string $field, callable $callback)
 * @method bool lpush(string $key, string $value, callable $callback)
 * @method bool rpush(string $key, string $value, callable $callback)
 * @method bool lpop(string $key, callable $callback)
 * @method bool rpop(string $key, callable $callback)
 * @method bool lrange(string $key, int $start, int $stop, callable $callback)
 * @method bool blpop(string $key, int $timeout, callable $callback)
 * @method bool sadd(string $key, string $member, callable $callback)
 * @method bool smembers(string $key, callable $callback)
 * @method bool zadd(string $key, float $score, string $member, callable $callback)
 * @method bool zrange(string $key, int $start, int $stop, mixed ...$options_and_callback)
 * @method bool publish(string $channel, string $message, callable $callback)
 * @method bool eval(string $script, int $keys, mixed ...$arguments_and_callback)
 * @method bool ping(callable $callback)
 * @method bool subscribe(string ...$channels)
 * @method bool psubscribe(string ...$patterns)
 * @method bool unsubscribe(string ...$channels)
 * @method bool punsubscribe(string ...$patterns)
 */
class Redis
{
    /** Of `getState()`: not connected yet, or the connection is being made. */
    const STATE_CONNECT = 0;
    /** Of `getState()`: nothing is waited for. */
    const STATE_READY = 1;
    /** Of `getState()`: a reply is waited for. */
    const STATE_WAIT_RESULT = 2;
    /** Of `getState()`: in subscribe mode. */
    const STATE_SUBSCRIBE = 3;
    /** Of `getState()`: the connection has ended. */
    const STATE_CLOSED = 4;

    /** @var array<string, mixed>|null All options given to the constructor. */
    public $setting = null;
    /** @var string|null The host given to `connect()`. */
    public $host = null;
    /** @var int|null The port given to `connect()`. */
    public $port = null;
    /** @var int|null The OS descriptor, once connected. */
    public $sock = null;
    /** @var int|null Why the last command or the connection failed. */
    public $errCode = null;
    /** @var string|null The same in words. */
    public $errMsg = null;
    /** @var null `connect()` takes its callback itself. */
    public $onConnect = null;
    /** @var callable|null The callback that `on()` registered; writing here registers none. */
    public $onClose = null;
    /** @var callable|null As `$onClose`. */
    public $onMessage = null;

    /**
     * Makes a client; opens nothing.
     *
     * @param array{
     *     timeout?: float,
     *     username?: string,
     *     password?: string,
     *     database?: int,
     *     response_timeout?: float,
     *     read_timeout?: float,
     *     idle_timeout?: float,
     *     ssl?: bool,
     *     ssl_cafile?: string,
     *     ssl_verify_peer?: bool,
     *     socket_buffer_size?: int,
     *     package_max_length?: int,
     * }|null $setting Seconds, 0 = no limit. timeout 1: for connecting; username, password: sent with AUTH;
     *     database: sent with SELECT; response_timeout 60 (read_timeout is another name): how long the
     *     oldest command may wait, blocking commands have their own; idle_timeout 300. ssl: TLS, as the
     *     `ssl_*` options of `Swoole\Client` say. Bytes, 0 = no limit:
     *     socket_buffer_size 128 MiB that may wait to be sent; package_max_length 256 MiB of one reply, with
     *     64 more counted for each element: a longer one ends the connection (90).
     */
    public function __construct(?array $setting = null)
    {
    }

    /**
     * Registers an event callback, before `connect()`.
     *
     * - `close`: `callable(Swoole\Redis $redis): void`: a connection that stood has ended
     * - `message`: `callable(Swoole\Redis $redis, array $message): void`: subscribe mode; the message is
     *   `['message', channel, payload]`, `['subscribe', channel, count]` and so on
     *
     * @param string $event The name in any case.
     * @param callable $callback
     * @return bool `false` with a warning: unknown event, or connected already.
     */
    public function on(string $event, callable $callback): bool
    {
    }

    /**
     * Connects, and sends AUTH and SELECT where options ask for it.
     *
     * @param string $host A name, an IP address, or `unix:/path`.
     * @param int $port 1 to 65535; not used by unix sockets.
     * @param callable $callback `callable(Swoole\Redis $redis, bool $connected): void`; runs once, then is
     *     released. `false`: see `$errCode`, `$errMsg`.
     * @return bool `false` with a warning: bad address, or connected already.
     */
    public function connect(string $host, int $port, callable $callback): bool
    {
    }

    /**
     * Closes the connection: at once when nothing is waited for, else after the replies to what was sent,
     * which are waited for no longer than response_timeout. New commands are refused.
     *
     * @param bool $force Ends it at once in any case: what is waited for gets `false` (5001).
     * @return bool `false` with a warning: not connected.
     */
    public function close(bool $force = false): bool
    {
    }

    /**
     * One of the `STATE_*` constants.
     */
    public function getState(): int
    {
    }

    /**
     * Sends a command.
     *
     * @param string $command The command's name.
     * @param array $args Its arguments, as strings; the last one is the callback
     *     `callable(Swoole\Redis $redis, mixed $result): void`.
     * @return bool `false` with a warning: not connected, no callback, not possible in this mode, or too much
     *     waits to be sent (`$errCode` 1008).
     */
    public function __call(string $command, array $args): mixed
    {
    }
}
