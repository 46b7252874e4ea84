--TEST--
set() changes callbacks and directions; what is null stays
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\Event;

[$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
$log = [];
Event::add($near, static function ($socket) use (&$log, $far) {
    $log[] = 'old read';
    fread($socket, 10);
    var_dump(Event::set($socket, static function ($socket) use (&$log) {
        $log[] = 'new read';
        Event::del($socket);
    }, static function ($socket) use (&$log, $far) {
        $log[] = 'write';
        var_dump(Event::set($socket, null, null, SWOOLE_EVENT_READ));
        var_dump(Event::isset($socket, SWOOLE_EVENT_WRITE), Event::isset($socket, SWOOLE_EVENT_READ));
        fwrite($far, 'more');
    }, SWOOLE_EVENT_READ | SWOOLE_EVENT_WRITE));
    var_dump(Event::isset($socket, SWOOLE_EVENT_WRITE));
});
var_dump(Event::isset($near), Event::isset($near, SWOOLE_EVENT_WRITE));
fwrite($far, 'data');
Event::wait();
echo implode(', ', $log), "\n";
var_dump(ledger_empty());
?>
--EXPECT--
bool(true)
bool(false)
bool(true)
bool(true)
bool(true)
bool(false)
bool(true)
old read, write, new read
bool(true)
