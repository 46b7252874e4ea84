--TEST--
Swoole\Http\Client: whatever a proxy does is told once, in order, and leaves nothing
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

check_proxy_rows('http');
?>
--EXPECT--
socks5: it connects: as it should
socks5: it connects to TLS: as it should
socks5: it refuses: as it should
socks5: it refuses the login: as it should
socks5: it speaks something else: as it should
socks5: it is silent: as it should
socks5: it is not there: as it should
http_proxy: it connects: as it should
http_proxy: it connects to TLS: as it should
http_proxy: it refuses: as it should
http_proxy: it refuses the login: as it should
http_proxy: it speaks something else: as it should
http_proxy: it is silent: as it should
http_proxy: it is not there: as it should
