--TEST--
The examples: a server with an HTTP port, a port for lines and one for datagrams serves each
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/run.inc';
$server = example('ports-server', [], ['0']);
$ports = wait_for(fn () => preg_match_all('/on 127\.0\.0\.1:(\d+)\n/', $server->output(), $m) === 3 ? $m[1] : false, 10);
[$http, $lines, $packets] = array_map('intval', $ports);
$stream = dial($lines);
write_all($stream, "one\ntw");
write_all($stream, "o\n");
echo read_until($stream, "TWO\n");
echo preg_replace('/port \d+/', 'port N', http_get($http)['body']);
fwrite($udp = stream_socket_client("udp://127.0.0.1:$packets"), 'hello');
echo fread($udp, 100), "\n";
fclose($stream);
finish($server);
?>
--EXPECT--
ONE
TWO
2 connections, 1 of them for lines
#1 on port N
#2 on port N
olleh
http on 127.0.0.1:PORT
lines on 127.0.0.1:PORT
packets on 127.0.0.1:PORT
exit code 0
