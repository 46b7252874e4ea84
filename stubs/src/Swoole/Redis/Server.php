<?php

namespace Swoole\Redis;

/**
 * A server that Redis clients can talk to: each command is a call of its handler. Its first port speaks
 * the Redis protocol (RESP2) whatever its options say; inline commands are not taken.
 *
 * A command without a handler is answered with an error. A handler is a property of the server:
 * `_handler_get` for `GET`.
 */
class Server extends \Swoole\Server
{
    /** An error: a text. */
    const ERROR = 0;
    /** Nothing. */
    const NIL = 1;
    /** A status: a text. */
    const STATUS = 2;
    /** A number. */
    const INT = 3;
    /** A string. */
    const STRING = 4;
    /** A list of strings. */
    const SET = 5;
    /** Names and values, one after the other. */
    const MAP = 6;

    /**
     * Registers the handler of a command; the last one counts.
     *
     * @param string $command 1 to 63 bytes, in any case.
     * @param callable $callback `callable(int $fd, array $args): string|null`; the words behind the command, a number
     *     (`:5`) as int, nil as null. A string that it returns is sent as it is: see `format()`. For anything
     *     else it answers by `send()`, also later.
     * @throws \ValueError for another length.
     */
    public function setHandler(string $command, callable $callback): bool
    {
    }

    /**
     * Writes a value as the protocol has it.
     *
     * @param int $type One of the constants.
     * @param mixed $value For STATUS and ERROR a text, `OK` and `ERR` by default; for SET and MAP an array, whose
     *     values become strings.
     * @return string|false `false` with a warning: SET or MAP without an array.
     * @throws \ValueError for another type.
     */
    public static function format(int $type, mixed $value = null): string|false
    {
    }
}
