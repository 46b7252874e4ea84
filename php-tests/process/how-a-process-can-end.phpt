--TEST--
Swoole\Process: exit(), exec(), an exception, a fatal error and a signal end it with their code; shutdown functions and destructors run
--EXTENSIONS--
tether
--INI--
display_errors=0
log_errors=0
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
use Swoole\Process as P;

final class Noisy
{
    public function __construct(private P $to) {}
    public function __destruct() { $this->to->write('destructor'); }
}
$main = getmypid();
function ended(callable $work): void
{
    $process = new P(function (P $process) use ($work) {
        $noisy = new Noisy($process);
        Swoole\Timer::after(60000, fn () => $noisy);
        register_shutdown_function(fn () => $process->write('shutdown function'));
        $work($process);
        Swoole\Timer::clearAll();
    });
    $process->start();
    for ($said = []; '' !== $word = $process->read(); $said[] = $word);
    $status = P::wait();
    echo implode(', ', $said), ' | code ', $status['code'], ' signal ', $status['signal'], "\n";
}
ended(fn () => 0);
ended(fn (P $process) => $process->exit(7));
ended(fn () => exit(8));
ended(fn (P $process) => Swoole\Timer::after(1, fn () => $process->exit(9)) && Swoole\Event::wait());
ended(fn () => throw new Exception('not caught'));
ended(function () {
    set_exception_handler(fn () => Swoole\Timer::clearAll());
    throw new Exception('handled');
});
ended(fn () => str_repeat('x', 1 << 40));
ended(fn () => P::kill(getmypid(), SIGKILL));
ended(fn (P $process) => $process->exec('/bin/sh', ['-c', 'exit 11']));
ended(fn (P $process) => $process->write(json_encode([@$process->exec('/nonexistent', []), swoole_last_error()])));
ended(fn (P $process) => $process->write(json_encode(@$process->start())));

echo "-- only the process itself may\n";
$idle = new P(fn () => 0);
var_dump($idle->exit(1), $idle->exec('/bin/true', []));
var_dump(getmypid() === $main);
echo "-- refused\n";
foreach ([
    fn () => new P('no function'),
    fn () => new P('strlen', false, 3),
    fn () => clone $idle,
    fn () => serialize($idle),
    fn () => $idle->__construct('strlen'),
    fn () => (new ReflectionClass(P::class))->newInstanceWithoutConstructor()->start(),
] as $wrong) {
    try {
        $wrong();
    } catch (Throwable $e) {
        echo get_class($e), ': ', $e->getMessage(), "\n";
    }
}
?>
--EXPECT--
destructor, shutdown function | code 0 signal 0
destructor, shutdown function | code 7 signal 0
destructor, shutdown function | code 8 signal 0
destructor, shutdown function | code 9 signal 0
destructor, shutdown function | code 255 signal 0
destructor, shutdown function | code 0 signal 0
shutdown function | code 255 signal 0
 | code 0 signal 9
 | code 11 signal 0
[false,2], destructor, shutdown function | code 0 signal 0
false, destructor, shutdown function | code 0 signal 0
-- only the process itself may
bool(false)
bool(false)
bool(true)
-- refused
TypeError: Swoole\Process::__construct(): Argument #1 ($callback) must be a valid callback, function "no function" not found or invalid function name
ValueError: Swoole\Process::__construct(): Argument #3 ($pipe_type) must be 0 (none), 1 (stream) or 2 (datagram)
Error: Trying to clone an uncloneable object of class Swoole\Process
Exception: Serialization of 'Swoole\Process' is not allowed
Error: The process exists already
Error: The constructor of the process was not called
