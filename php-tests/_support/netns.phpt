--TEST--
The harness: in a namespace of its own a test has every port, nginx and redis-server too
--EXTENSIONS--
tether
--SKIPIF--
<?php
require __DIR__ . '/netns.inc';
netns_skip();
skip_without('nginx', 'redis-server');
?>
--FILE--
<?php
require __DIR__ . '/netns.inc';
netns_enter(['/etc/resolv.conf' => "nameserver 127.0.0.1\n"]);

var_dump(extension_loaded('tether'));
echo file_get_contents('/etc/resolv.conf');
redis_start(6379);
nginx_start(port: 80);
silent_udp(53);
echo raw_request(6379, "SET a 1\r\nGET a\r\n", "1\r\n");
echo http_post(80, '/dump.php?x', ['key' => 'value'])['body'], "\n";
exit(0);
?>
--EXPECT--
bool(true)
nameserver 127.0.0.1
+OK
$1
1
POST /dump.php?x key=value
