<?php

namespace Swoole\Connection;

/**
 * The session ids of a server's connections, of all its workers: `foreach ($serv->connections as $fd)`.
 * Connections that come or go meanwhile may be met or not. From any process of a running server; empty before.
 *
 * @implements \Iterator<int, int>
 * @implements \ArrayAccess<int, array<string, mixed>>
 */
class Iterator implements \Iterator, \Traversable, \Countable, \ArrayAccess
{
    /** To the first connection. */
    public function rewind(): void
    {
    }

    /** Whether there is one. */
    public function valid(): bool
    {
    }

    /** @return int|false The session id. */
    public function current(): mixed
    {
    }

    /** @return int 0, 1, 2 ... */
    public function key(): mixed
    {
    }

    /** To the next connection. */
    public function next(): void
    {
    }

    /** Open connections. */
    public function count(): int
    {
    }

    /**
     * As {@see \Swoole\Server::exist()}.
     *
     * @param mixed $fd The session id.
     */
    public function offsetExists(mixed $fd): bool
    {
    }

    /**
     * As {@see \Swoole\Server::getClientInfo()}.
     *
     * @param mixed $fd The session id.
     */
    public function offsetGet(mixed $fd): mixed
    {
    }

    /**
     * Does nothing.
     *
     * @param mixed $fd
     * @param mixed $value
     */
    public function offsetSet(mixed $fd, mixed $value): void
    {
    }

    /**
     * Does nothing.
     *
     * @param mixed $fd
     */
    public function offsetUnset(mixed $fd): void
    {
    }
}
