--TEST--
exit() and an exception in an onClose that the script's own close() set off, outside the loop, end the script there
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

$program = <<<'PHP'
<?php
class Told extends Swoole\Client
{
    public function __destruct()
    {
        echo "destroyed\n";
    }
}
function client(int $port, Closure $close): Told
{
    $client = new Told(SWOOLE_TCP | SWOOLE_ASYNC);
    foreach (['connect', 'receive', 'error'] as $event) {
        $client->on($event, static function () {});
    }
    $client->on('close', $close);
    $client->connect('127.0.0.1', $port, 30);
    return $client;
}
if ($fault === 'handled') {
    set_exception_handler(static function () { echo "handled\n"; });
}
$client = client($port, static function () use ($fault) {
    echo "close\n";
    $fault === 'exit' ? exit(7) : throw new Exception('out of close');
});
while (!$client->isConnected()) {
    Swoole\Event::dispatch();
}
client($port, static function () { echo "never\n"; });
register_shutdown_function(static function () { echo "shutdown function\n"; });
$client->close();
echo "goes on\n";
Swoole\Event::defer(static fn () => Swoole\Event::exit());
PHP;
$peer = silent_peer();
foreach (['exit', 'throw', 'handled'] as $fault) {
    $child = run_php($program, ['fault' => $fault, 'port' => $peer->where]);
    $code = $child->wait();
    echo "$fault:\n", preg_replace('/^(Fatal error: ).*?^  thrown in .*?$/ms', '$1...', $child->output()), "exit code $code\n";
}
?>
--EXPECT--
exit:
close
shutdown function
destroyed
destroyed
exit code 7
throw:
close

Fatal error: ...
shutdown function
destroyed
destroyed
exit code 255
handled:
close
handled
goes on
shutdown function
destroyed
destroyed
exit code 0
