--TEST--
The example of a Redis server answers SET and GET
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/run.inc';
$example = example('redis-server');
$cli = stream_socket_client('tcp://127.0.0.1:' . example_port($example));
fwrite($cli, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nvalue\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
echo fgets($cli), fgets($cli), fgets($cli);
finish($example);
?>
--EXPECT--
+OK
$5
value
listening on 127.0.0.1:PORT
exit code 0
