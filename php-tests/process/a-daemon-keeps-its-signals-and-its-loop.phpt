--TEST--
Process::daemon goes on in another process, with its timers and signals; name and setaffinity
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

// The process that was started ends, and its line to this test with it.
$listener = stream_socket_server('tcp://127.0.0.1:0');
$child = run_php(<<<'PHP'
<?php
$before = getmypid();
Swoole\Timer::after(1, fn () => Swoole\Process::kill(getmypid(), SIGUSR1));
Swoole\Process::signal(SIGUSR1, function () use ($before, $address) {
    Swoole\Process::signal(SIGUSR1, null);
    fwrite(stream_socket_client($address), json_encode(['signal', getmypid() !== $before, getcwd()]));
    echo "to nowhere\n";
});
var_dump(Swoole\Process::daemon(false, false));
PHP, ['address' => 'tcp://' . stream_socket_get_name($listener, false)]);
echo stream_get_contents(stream_socket_accept($listener, 10 * patience())), "\n";
var_dump($child->wait(), $child->output());

$process = new Swoole\Process(function ($process) {
    Swoole\Process::setaffinity([0]);
    $process->name('tether test');
    preg_match('/^Cpus_allowed_list:\s*(\S+)/m', file_get_contents('/proc/' . getmypid() . '/status'), $m);
    $process->write(json_encode([$m[1], strtok(file_get_contents('/proc/' . getmypid() . '/cmdline'), "\0"), @$process->name(str_repeat('x', 128))]));
});
$process->start();
echo $process->read(), "\n";
Swoole\Process::wait();
var_dump(@Swoole\Process::setaffinity([99999]), @Swoole\Process::setaffinity([]));
?>
--EXPECT--
["signal",true,"\/"]
int(0)
string(0) ""
["0","tether test",false]
bool(false)
bool(false)
