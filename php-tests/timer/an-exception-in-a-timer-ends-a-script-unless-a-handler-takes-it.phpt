--TEST--
An exception in a timer ends a plain script with 255 unless a handler takes it (F1)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

const PROGRAM = <<<'PHP'
<?php
if ($handled) {
    set_exception_handler(static function (Throwable $e) {
        echo 'handled ', $e->getMessage(), "\n";
    });
}
$object = new class {
    public function __destruct()
    {
        echo "destroyed\n";
    }
};
swoole_timer_after(1, static function ($object) {
    throw new Exception('from a timer');
}, $object);
unset($object);
$runs = 0;
swoole_timer_tick(5, static function (int $id) use (&$runs) {
    echo "tick\n";
    if (++$runs === 2) {
        swoole_timer_clear($id);
        return;
    }
    throw new Exception('from a tick');
});
// Runs after the loop, and before what the loop still held goes (F4).
register_shutdown_function(static function () {
    register_shutdown_function(static function () {
        echo 'rows ', Tether\Ledger::count(), "\n";
    });
});
PHP;
foreach ([true, false] as $handled) {
    $child = run_php(PROGRAM, ['handled' => $handled]);
    var_dump($child->wait());
    preg_match_all('/^(?:handled.*|tick|destroyed|rows.*|.*Uncaught \w+: [a-z ]+(?= in))$|Uncaught \w+: [a-z ]+(?= in)/m', $child->output(), $lines);
    echo implode("\n", $lines[0]), "\n";
}
?>
--EXPECT--
int(0)
handled from a timer
destroyed
tick
handled from a tick
tick
rows 0
int(255)
Uncaught Exception: from a timer
destroyed
rows 1
