--TEST--
What cannot be watched is refused with a warning and leaves nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\Event;

set_error_handler(static function (int $level, string $text) {
    echo preg_replace('/\b\d+\b/', 'N', $text), "\n";
});
$nothing = static function () {};
[$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
var_dump(Event::add($near));
var_dump(Event::set($near, $nothing), Event::del($near), Event::isset($near));
Event::add($near, $nothing);
var_dump(swoole_event_add($near, $nothing), swoole_event_add((int) Event::isset($near) + 999, $nothing));
var_dump(Event::set($near, null, null, SWOOLE_EVENT_WRITE));
var_dump(Event::add($file = fopen(__FILE__, 'r'), $nothing), Event::write($file, 'x'), Event::write($near, ''));
var_dump(Event::add('x', $nothing), Event::add(new stdClass(), $nothing), Event::add(0, null, $nothing, SWOOLE_EVENT_WRITE));
fclose($far);
var_dump(Event::add($far, $nothing));
$client = new Swoole\Client(SWOOLE_SOCK_TCP | SWOOLE_ASYNC);
var_dump(Event::add($client, $nothing));
try {
    Event::add($near, 'no_such_function');
} catch (TypeError $e) {
    echo $e->getMessage(), "\n";
}
var_dump(Event::del($near), ledger_empty(), Event::cycle(null), Event::dispatch());
Event::wait();
Event::exit();
?>
--EXPECT--
Swoole\Event::add(): A read or a write callback is needed
bool(false)
Swoole\Event::set(): The descriptor is not watched
Swoole\Event::del(): The descriptor is not watched
bool(false)
bool(false)
bool(false)
swoole_event_add(): The descriptor N is already watched
swoole_event_add(): Unable to use the descriptor N, Error: Bad file descriptor[N]
bool(false)
bool(false)
Swoole\Event::set(): The write callback is missing
bool(false)
Swoole\Event::add(): The descriptor N is neither a socket nor a pipe
Swoole\Event::write(): The descriptor N is neither a socket nor a pipe
Swoole\Event::write(): The data is empty
bool(false)
bool(false)
bool(false)
Swoole\Event::add(): The value has no open descriptor
Swoole\Event::add(): The value has no open descriptor
Swoole\Event::add(): Standard input cannot be watched for writing
bool(false)
bool(false)
bool(false)
Swoole\Event::add(): The value has no open descriptor
bool(false)
Swoole\Event::add(): The value has no open descriptor
bool(false)
Swoole\Event::add(): Argument #2 ($read_callback) must be a valid callback or null, function "no_such_function" not found or invalid function name
bool(true)
bool(true)
bool(false)
bool(false)
