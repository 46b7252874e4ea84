--TEST--
Swoole\Client: datagrams over UDP, IPv6 and unix sockets: whatever ends them is told once, in order, and leaves nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/sockets.inc';

foreach (['UDP', 'UDP6', 'unix datagrams'] as $socket) {
    check_socket_rows($socket);
}
?>
--EXPECT--
UDP: the client closes in onConnect: as it should
UDP: the client closes in onReceive: as it should
UDP: the client throws in onReceive: as it should
UDP: the peer answers and is silent then: as it should
UDP: the peer is silent: as it should
UDP: nobody is there: as it should
UDP6: the client closes in onConnect: as it should
UDP6: the client closes in onReceive: as it should
UDP6: the client throws in onReceive: as it should
UDP6: the peer answers and is silent then: as it should
UDP6: the peer is silent: as it should
UDP6: nobody is there: as it should
unix datagrams: the client closes in onConnect: as it should
unix datagrams: the client closes in onReceive: as it should
unix datagrams: the client throws in onReceive: as it should
unix datagrams: the peer answers and is silent then: as it should
unix datagrams: the peer is silent: as it should
unix datagrams: there is no such socket: as it should
unix datagrams: nobody is there: as it should
