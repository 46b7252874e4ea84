<?php

namespace Swoole\Server;

/**
 * One address that a server listens on, made by {@see \Swoole\Server::listen()}. The first one of
 * `$serv->ports` is the server's own.
 */
class Port
{
    /** @var string|null As given; the path of a unix socket. */
    public $host = null;
    /** @var int As given; 0 becomes the port that the kernel chose. */
    public $port = 0;
    /** @var int SWOOLE_SOCK_TCP, SWOOLE_SOCK_UDP ... */
    public $type = 0;
    /** @var int The listening descriptor of the process that made it, as `server_socket` tells it. */
    public $sock = -1;
    /** @var array<string, mixed>|null What was set here; once the server runs, what holds. */
    public $setting = null;
    /** @var \Swoole\Connection\Iterator|null The session ids of this port's connections. */
    public $connections = null;

    /** Ports are made by `listen()`. */
    private function __construct()
    {
    }

    /**
     * Gives the port options of its own, ahead of `start()`. A port that is never given any has the
     * server's; one that is has the defaults for all others (the first port: the server's).
     *
     * @param array<string, mixed> $settings Those of {@see \Swoole\Server::set()} that belong to a port; others warn.
     * @return bool `false` with a warning: started already.
     */
    public function set(array $settings): bool
    {
    }

    /**
     * Registers a callback of this port: connect, receive, close, request, packet, bufferFull, bufferEmpty,
     * as {@see \Swoole\Server::on()}. The server's own counts where the port has none.
     *
     * @param string $event_name The name in any case.
     * @param callable $callback
     * @return bool `false` with a warning: unknown or not implemented yet, or started already.
     */
    public function on(string $event_name, callable $callback): bool
    {
    }
}
