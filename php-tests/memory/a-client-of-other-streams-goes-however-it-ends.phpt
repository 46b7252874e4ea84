--TEST--
Swoole\Client: streams over IPv6 and unix sockets: whatever ends them is told once, in order, and leaves nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/sockets.inc';

foreach (['TCP6', 'unix'] as $socket) {
    check_socket_rows($socket);
}
?>
--EXPECT--
TCP6: the client closes: as it should
TCP6: the peer closes: as it should
TCP6: the peer resets: as it should
TCP6: the peer is silent: as it should
TCP6: nobody is there: as it should
unix: the client closes: as it should
unix: the client closes in onConnect: as it should
unix: the client throws in onReceive: as it should
unix: the peer closes: as it should
unix: the peer closes with an answer: as it should
unix: the peer is silent: as it should
unix: there is no such socket: as it should
unix: nobody is there: as it should
unix: connecting takes too long: as it should
