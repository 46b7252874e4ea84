--TEST--
What is left unread calls the read callback again: watchers are level-triggered
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\Event;

[$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
var_dump(Event::add($near, static function ($socket) use ($near) {
    $got = stream_socket_recvfrom($socket, 2);
    echo json_encode([$socket === $near, $got]), "\n";
    if ($got === '') {
        var_dump(Event::del($socket));
    }
}) > 0);
fwrite($far, 'abcdefg');
fclose($far);
Event::wait();
var_dump(ledger_empty(), Event::isset($near));
?>
--EXPECT--
bool(true)
[true,"ab"]
[true,"cd"]
[true,"ef"]
[true,"g"]
[true,""]
bool(true)
bool(true)
bool(false)
