--TEST--
Swoole\Redis: whatever ends TLS is told once, in order, and leaves nothing
--EXTENSIONS--
tether
--SKIPIF--
<?php
require __DIR__ . '/../_support/harness.inc';
skip_without('openssl');
?>
--FILE--
<?php
require __DIR__ . '/tls.inc';

check_tls_rows('redis');
?>
--EXPECT--
the peer closes: as it should
the peer closes with an answer: as it should
the peer cuts TLS off: as it should
the client closes: as it should
the certificate has expired: as it should
the certificate has another name: as it should
the certificate signed itself: as it should
the peer closes in the handshake: as it should
the peer is silent in the handshake: as it should
the peer speaks something else: as it should
