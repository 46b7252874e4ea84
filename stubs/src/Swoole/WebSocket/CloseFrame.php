<?php

namespace Swoole\WebSocket;

/**
 * A WebSocket close frame.
 */
class CloseFrame extends Frame
{
    /** @var int Always WEBSOCKET_OPCODE_CLOSE. */
    public $opcode = 8;
    /** @var int WEBSOCKET_CLOSE_*; 1005 for a frame that came without one. */
    public $code = 1000;
    /** @var string In UTF-8, at most 123 bytes. */
    public $reason = '';
}
