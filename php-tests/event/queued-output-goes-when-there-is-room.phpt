--TEST--
Event::write queues what does not fit, up to a cap, and keeps the loop until it is gone
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\{Event, Timer};
use Tether\Ledger;

set_error_handler(static function (int $level, string $text) {
    echo preg_replace('/\bdescriptor \d+\b/', 'descriptor N', $text), "\n";
});
[$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
var_dump(Event::write($near, 'small'), Ledger::count(), fread($far, 10));

$data = random_bytes(3 << 20);
var_dump(Event::write($near, $data), Event::write($near, 'end'), Event::isset($near), Ledger::count('watcher'));
var_dump(Event::write($near, str_repeat('x', 8 << 20)));
$got = '';
Event::add($far, static function ($socket) use (&$got, $data) {
    $got .= fread($socket, 65536);
    if (strlen($got) === strlen($data) + 3) {
        Event::del($socket);
    }
});
Event::wait();
var_dump($got === $data . 'end', ledger_empty());

// A watcher may have both: its callbacks and output.
$got = '';
Event::add($near, static function ($socket) {
    echo 'near got ', fread($socket, 10), "\n";
    Event::del($socket);
});
Event::add($far, static function ($socket) use (&$got, $data) {
    $got .= fread($socket, 65536);
    if (strlen($got) === strlen($data)) {
        fwrite($socket, 'all');
        Event::del($socket);
    }
});
var_dump(Event::write($near, $data));
Event::wait();
var_dump($got === $data, ledger_empty());

// A peer that is gone: the output is given up, the loop ends.
var_dump(Event::write($near, $data));
fclose($far);
Event::wait();
var_dump(ledger_empty(), Event::write($near, 'x'));
?>
--EXPECT--
bool(true)
int(0)
string(5) "small"
bool(true)
bool(true)
bool(false)
int(1)
Swoole\Event::write(): The descriptor N has more than 8388608 bytes to write
bool(false)
bool(true)
bool(true)
bool(true)
near got all
bool(true)
bool(true)
bool(true)
Swoole\Event::wait(): Unable to write to the descriptor N, Error: Broken pipe[32]
Swoole\Event::write(): Unable to write to the descriptor N, Error: Broken pipe[32]
bool(true)
bool(false)
