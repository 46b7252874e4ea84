--TEST--
Wrong intervals, callbacks and ids are refused and leave nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\Timer;

set_error_handler(static function (int $level, string $text) {
    echo "[$level] $text\n";
});
var_dump(Timer::tick(0, 'strlen'), swoole_timer_after(-1, 'strlen'));
var_dump(Timer::clear(99), swoole_timer_exists(99));
foreach ([
    fn () => Timer::tick(1, 'no_such_function'),
    fn () => Timer::after('x', 'strlen'),
    fn () => Timer::after(1),
    fn () => new Swoole\Timer(...[Timer::clear()]),
] as $wrong) {
    try {
        $wrong();
    } catch (Error $e) {
        echo get_class($e), ': ', $e->getMessage(), "\n";
    }
}
ini_set('swoole.display_errors', '0');
var_dump(Timer::tick(0, 'strlen'), ledger_empty());
?>
--EXPECT--
[2] Swoole\Timer::tick(): The timer's interval must be greater than 0
[2] swoole_timer_after(): The timer's interval must be greater than 0
bool(false)
bool(false)
bool(false)
bool(false)
TypeError: Swoole\Timer::tick(): Argument #2 ($callback) must be a valid callback, function "no_such_function" not found or invalid function name
TypeError: Swoole\Timer::after(): Argument #1 ($ms) must be of type int, string given
ArgumentCountError: Swoole\Timer::after() expects at least 2 arguments, 1 given
ArgumentCountError: Swoole\Timer::clear() expects exactly 1 argument, 0 given
bool(false)
bool(true)
