--TEST--
Swoole\Http\Client, Redis and MySQL over unix sockets: whatever ends them is told once, in order, and leaves nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/sockets.inc';

foreach (['http', 'redis', 'mysql'] as $kind) {
    echo "$kind\n";
    check_unix_host_rows($kind);
}
?>
--EXPECT--
http
unix: the client closes: as it should
unix: the peer closes: as it should
unix: the peer is silent: as it should
unix: there is no such socket: as it should
unix: nobody is there: as it should
unix: connecting takes too long: as it should
redis
unix: the client closes: as it should
unix: the peer closes: as it should
unix: the peer is silent: as it should
unix: there is no such socket: as it should
unix: nobody is there: as it should
unix: connecting takes too long: as it should
mysql
unix: the client closes: as it should
unix: the peer closes: as it should
unix: the peer is silent: as it should
unix: there is no such socket: as it should
unix: nobody is there: as it should
unix: connecting takes too long: as it should
