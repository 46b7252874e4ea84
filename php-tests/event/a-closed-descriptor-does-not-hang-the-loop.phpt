--TEST--
A descriptor closed without del() is dropped with a warning, and its number may be used again
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\{Event, Timer};

set_error_handler(static function (int $level, string $text) {
    echo preg_replace('/\b\d+\b/', 'N', $text), "\n";
});
class Loud
{
    public function __destruct()
    {
        echo "released\n";
    }
}
function watched(): array
{
    $pair = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    $loud = new Loud();
    Event::add($pair[0], static function ($socket) use ($loud) {
        echo 'got ', fread($socket, 10), "\n";
        fclose($socket);
    });
    return $pair;
}

// Before the loop; in its own callback; in another's.
[$near] = watched();
fclose($near);
Event::wait();

[$near, $far] = watched();
fwrite($far, 'data');
Event::wait();

[$near, $far] = watched();
Timer::after(1, static fn () => fclose($near));
Event::wait();

// The number is another file's by now.
[$near, $far] = watched();
$fd = Event::add($far, static fn () => 1);
Event::del($far);
fclose($near);
$other = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
$same = Event::add($other[0], static function ($socket) {
    echo 'new ', fread($socket, 10), "\n";
    Event::del($socket);
});
fwrite($other[1], 'data');
Event::wait();

// Deleting what is closed is no offence.
[$near, $far] = watched();
fclose($near);
var_dump(Event::del($near), ledger_empty());
?>
--EXPECT--
released
Swoole\Event::wait(): The descriptor N was closed without Event::del(); its watcher is dropped
got data
released
Swoole\Event::wait(): The descriptor N was closed without Event::del(); its watcher is dropped
released
Swoole\Event::wait(): The descriptor N was closed without Event::del(); its watcher is dropped
released
Swoole\Event::add(): The descriptor N was closed without Event::del(); its watcher is dropped
new data
released
bool(true)
bool(true)
