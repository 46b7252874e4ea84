--TEST--
A privileged port is refused to a user who may not have it, with the errno and what to do
--EXTENSIONS--
tether
--SKIPIF--
<?php
if (@stream_socket_server('tcp://127.0.0.1:81', $errno) || $errno !== 13) {
    die('skip this user may have it');
}
?>
--FILE--
<?php
try {
    new Swoole\Server('127.0.0.1', 81);
} catch (Swoole\Exception $e) {
    echo $e->getCode(), ' ', $e->getMessage(), "\n";
}
?>
--EXPECT--
13 failed to listen server port[127.0.0.1:81], Error: Permission denied[13]: this user may not; choose a port above 1023 or another path
