--TEST--
Swoole\Http\Client as a WebSocket: whatever ends its connection is told once, in order, and leaves nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

check_rows('websocket', OTHER_ENDS['websocket']);
?>
--EXPECT--
the peer goes: as it should
the peer goes with a message: as it should
the peer closes in good order: as it should
the peer resets: as it should
connecting is refused: as it should
connecting takes too long: as it should
the peer is silent: as it should
the peer refuses: as it should
the peer proves nothing: as it should
the peer babbles: as it should
