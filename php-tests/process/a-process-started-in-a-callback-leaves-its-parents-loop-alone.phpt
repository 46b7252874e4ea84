--TEST--
Swoole\Process: started in a callback of the loop, the child touches nothing of the parent's: timers, watchers, clients
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
$peer = stream_socket_server('tcp://127.0.0.1:0');
[$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
stream_set_blocking($far, false);
$log = [];
Swoole\Event::add($near, function ($near) use (&$log) {
    $log[] = 'watcher: ' . fread($near, 100);
    Swoole\Event::del($near);
});
$cli = new Swoole\Client(SWOOLE_TCP, SWOOLE_ASYNC);
$cli->on('connect', function ($cli) use (&$log, $far, $peer) {
    $accepted = stream_socket_accept($peer);
    $process = new Swoole\Process(function ($process) use ($cli) {
        // All of these are copies; letting them go must not be felt by the parent.
        unset($GLOBALS['near'], $GLOBALS['far'], $GLOBALS['cli']);
        Swoole\Timer::clearAll();
        $process->write('rows of the child: ' . Tether\Ledger::count());
        Swoole\Timer::after(1, fn () => $process->write('a timer of the child'));
    });
    $process->start();
    $log[] = $process->read();
    $log[] = $process->read();
    $log[] = 'exit code ' . Swoole\Process::wait()['code'];
    fwrite($far, 'still there');
    fwrite($accepted, 'bye');
    fclose($accepted);
    Swoole\Timer::after(1, function () use (&$log) { $log[] = 'a timer of the parent'; });
});
$cli->on('receive', function ($cli, $data) use (&$log) { $log[] = "client: $data"; });
$cli->on('error', fn () => print("error\n"));
$cli->on('close', function () use (&$log) { $log[] = 'client closed'; });
$cli->connect('127.0.0.1', (int) substr(strrchr(stream_socket_get_name($peer, false), ':'), 1));
$ref = WeakReference::create($cli);
unset($cli);
Swoole\Event::wait();
sort($log);
echo implode("\n", $log), "\n";
var_dump($ref->get(), ledger_empty());
?>
--EXPECT--
a timer of the child
a timer of the parent
client closed
client: bye
exit code 0
rows of the child: 0
watcher: still there
NULL
bool(true)
