--TEST--
Swoole\Process: a pipe of datagrams, of bytes or none; redirected streams; time limits; ends that are closed
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
use Swoole\Process as P;

function told(P $process): array
{
    $process->start();
    P::wait();
    return [$process->read(), $process->read(), $process->read()];
}

$two = function (P $process) {
    $process->write('one');
    $process->write('two');
};
foreach ([2, 1, true] as $type) {
    echo json_encode(told(new P($two, false, $type))), "\n";
}
echo "-- no pipe\n";
foreach ([0, false] as $type) {
    $none = new P(fn (P $process) => exit($process->pipe === null ? 7 : 8), false, $type);
    $none->start();
    var_dump($none->pipe, $none->write('x'), P::wait()['code']);
}
echo "-- redirected\n";
$cat = new P(function () {
    echo 'out';
    fwrite(STDERR, 'err');
    while (($line = fgets(STDIN)) !== false) {
        echo strtoupper($line);
    }
    echo 'end';
}, true);
$cat->start();
$all = $cat->read(6);
while (strlen($all) < 6) {
    $all .= $cat->read(6 - strlen($all));
}
var_dump($all, $cat->write("line\n"), $cat->read());
var_dump($cat->close(P::PIPE_WRITE), $cat->read(), $cat->read(), P::wait()['code']);
echo "-- time and blocking\n";
$silent = new P(fn (P $process) => $process->read());
$silent->start();
var_dump($silent->setTimeout(0.02), $silent->read(), swoole_strerror(swoole_last_error()));
$silent->setBlocking(false);
$silent->setTimeout(0);
var_dump($silent->read(), swoole_last_error());
$silent->write('go');
P::wait();
echo "-- refused\n";
var_dump($silent->write(''), $silent->write(str_repeat('x', 65537)));
foreach ([fn () => $silent->read(0), fn () => $silent->close(9)] as $wrong) {
    try {
        $wrong();
    } catch (ValueError $e) {
        echo $e->getMessage(), "\n";
    }
}
var_dump($silent->close(P::PIPE_WORKER), $silent->close(), $silent->pipe, $silent->close(), $silent->read());
echo "-- a large message\n";
$big = new P(fn (P $process) => $process->write(str_repeat('y', 3 << 20)), false, 1);
$big->start();
for ($length = 0; '' !== $part = $big->read(1 << 20);) {
    $length += strlen($part);
}
var_dump($length === 3 << 20, P::wait()['code']);
?>
--EXPECTF--
["one","two",""]
["onetwo","",""]
["onetwo","",""]
-- no pipe

Warning: Swoole\Process::write(): The process has no pipe in %s on line %d
NULL
bool(false)
int(7)

Warning: Swoole\Process::write(): The process has no pipe in %s on line %d
NULL
bool(false)
int(7)
-- redirected
string(6) "outerr"
int(5)
string(5) "LINE
"
bool(true)
string(3) "end"
string(0) ""
int(0)
-- time and blocking
bool(true)
bool(false)
string(32) "Resource temporarily unavailable"
bool(false)
int(11)
-- refused

Warning: Swoole\Process::write(): The data is empty in %s on line %d

Warning: Swoole\Process::write(): A datagram has at most 65536 bytes in %s on line %d
bool(false)
bool(false)
Swoole\Process::read(): Argument #1 ($size) must be greater than 0
Swoole\Process::close(): Argument #1 ($which) must be 0 or one of the PIPE_* constants

Warning: Swoole\Process::close(): The process has no pipe in %s on line %d

Warning: Swoole\Process::read(): The process has no pipe in %s on line %d
bool(true)
bool(true)
NULL
bool(false)
bool(false)
-- a large message
bool(true)
int(0)
