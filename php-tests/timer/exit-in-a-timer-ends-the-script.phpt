--TEST--
exit() in a timer ends the script with its code and releases everything, the youngest first
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

$child = run_php(<<<'PHP'
<?php
class Loud
{
    public function __construct(private string $name) {}
    public function __destruct()
    {
        echo "~{$this->name} ";
    }
}
register_shutdown_function(static function () {
    echo 'shutdown ', Tether\Ledger::count(), ' ';
});
$hold = static fn (string $name) => static fn () => [new Loud('no'), $name];
$loud = new Loud('global');
foreach (['older', 'younger'] as $name) {
    $object = new Loud($name);
    Swoole\Timer::tick(1000, static function () use ($object) {});
    unset($object);
}
swoole_timer_after(1, static function () {
    echo 'exit ';
    exit(7);
});
swoole_timer_after(1, static function () {
    echo 'never ';
});
usleep(2000);
PHP);
var_dump($child->wait());
echo trim($child->output()), "\n";
?>
--EXPECT--
int(7)
shutdown 4 exit ~younger ~older ~global
