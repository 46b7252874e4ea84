--TEST--
The examples: the WebSocket client says hello and closes in good order
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/run.inc';
$peer = websocket_peer();
$example = example('websocket-client', [], ['127.0.0.1', (string) $peer->where, '/echo']);
$example->wait();
finish($example);
?>
--EXPECT--
the server says: hello
the server closes: 1000
closed
exit code 0
