<?php

namespace Swoole\WebSocket;

/**
 * A WebSocket frame (RFC 6455 section 5), or a whole message.
 */
class Frame
{
    /** @var int The connection, on a server. */
    public $fd = 0;
    /** @var string The payload. */
    public $data = '';
    /** @var int WEBSOCKET_OPCODE_* */
    public $opcode = 1;
    /** @var bool Whether the message ends here. */
    public $finish = true;
    /** @var int 1 when `$finish`, else 0. */
    public $flags = 1;

    /**
     * The frame as bytes, not masked.
     *
     * @throws \ValueError when there is no such frame.
     */
    public function __toString(): string
    {
    }

    /**
     * A frame as bytes.
     *
     * @param Frame|string $data An object says itself what opcode and finish are.
     * @param int $opcode WEBSOCKET_OPCODE_*
     * @param bool $finish Whether the message ends here; control frames are never in parts.
     * @param bool $mask Whether it is masked, as what clients send is, with random bytes.
     * @return string|false `false`: no such opcode, or a control frame over 125 bytes.
     */
    public static function pack(Frame|string $data, int $opcode = WEBSOCKET_OPCODE_TEXT, bool $finish = true, bool $mask = false): string|false
    {
    }

    /**
     * The frame at the front of some bytes; a close frame as a {@see CloseFrame}.
     *
     * @param string $data What is behind the frame is ignored.
     * @return Frame|false `false`: it is not whole, or not valid.
     */
    public static function unpack(string $data): Frame|false
    {
    }
}
