--TEST--
swoole.unixsock_buffer_size says how much the pipe of a process holds, down to what one message takes
--EXTENSIONS--
tether
--FILE--
<?php
/** Bytes of datagrams that fit into a pipe that nobody reads. */
function room(string $size): int
{
    ini_set('swoole.unixsock_buffer_size', $size);
    $process = new Swoole\Process(fn () => null, false, 1);
    $process->setBlocking(false);
    for ($sum = 0; ($n = @$process->write(str_repeat('x', 1024))) !== false; $sum += $n);
    return $sum;
}
// The kernel's own bounds are the same for all: what can be asked for is compared.
[$least, $small, $more, $suffix, $wrong] = array_map(room(...), ['1', '131072', '200000', '195K', 'nonsense']);
var_dump($least === $small, $small < $more, abs($more - $suffix) <= 8192, $wrong > $small);
foreach ([2, 1] as $type) {
    ini_set('swoole.unixsock_buffer_size', '1');
    $process = new Swoole\Process(fn ($process) => $process->write(str_repeat('y', 65536)), false, $type);
    $process->start();
    for ($got = ''; strlen($got) < 65536 && ($more = $process->read(65536)) !== false && $more !== ''; $got .= $more);
    var_dump(strlen($got));
    Swoole\Process::wait();
}
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
int(65536)
int(65536)
