--TEST--
A hang-up calls the read callback; one that nobody could be told of removes the watcher
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\Event;

set_error_handler(static function (int $level, string $text) {
    echo preg_replace('/\b\d+\b/', 'N', $text), "\n";
});
// Data first, then the end.
$process = proc_open('echo data', [1 => ['pipe', 'w']], $pipes);
Event::add($pipes[1], static function ($pipe) {
    echo json_encode([fread($pipe, 10), feof($pipe)]), "\n";
    if (feof($pipe)) {
        Event::del($pipe);
    }
});
Event::wait();
proc_close($process);

// Nobody listens to this end of a pipe, and a pipe without a reader has no event but an error.
$process = proc_open('read line', [0 => ['pipe', 'r']], $pipes);
Event::add($pipes[0], static fn () => print("never\n"));
fwrite($pipes[0], "line\n");
Event::wait();
proc_close($process);
var_dump(ledger_empty());
?>
--EXPECT--
["data\n",false]
["",true]
Swoole\Event::wait(): The descriptor N has failed and is no longer watched
bool(true)
