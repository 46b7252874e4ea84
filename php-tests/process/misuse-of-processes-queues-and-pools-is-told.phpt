--TEST--
Swoole\Process and Process\Pool: what cannot be done is said in one line: processes, pipes, queues, signals, pools
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../classes/classes.inc';
use Swoole\Process as P;

/** What the outcomes of these are, one a line. */
function tell_all(array $acts): string
{
    $lines = [];
    foreach ($acts as $name => $do) {
        $lines[] = "$name: " . outcome($do);
    }
    return implode("\n", $lines);
}

$none = fn () => null;
echo "-- in the parent\n";
$process = new P($none);
echo tell_all([
    'no callback' => fn () => new P('nowhere'),
    'pipe type 9' => fn () => new P($none, false, 9),
    'exec' => fn () => $process->exec('/bin/true', []),
    'kill everybody' => fn () => P::kill(-1),
    'kill what no id can be' => fn () => P::kill(PHP_INT_MAX),
    'kill nobody' => fn () => P::kill(2 ** 22 + 5, 0),
    'signal 99' => fn () => P::signal(99, $none),
    'signal SIGKILL' => fn () => P::signal(SIGKILL, $none),
    'alarm of another type' => fn () => P::alarm(1000, 9),
    'no CPU' => fn () => P::setaffinity([]),
    'CPU 9999' => fn () => P::setaffinity([9999]),
    'timeout below zero' => fn () => $process->setTimeout(-1),
    'a long name' => fn () => $process->name(str_repeat('n', 200)),
]), "\n";

echo "-- in the child\n";
$child = new P(function (P $process) {
    $process->write(tell_all([
        'start itself' => fn () => $process->start(),
        'exec of nothing' => fn () => $process->exec('/nonexistent', []),
        'exit 300' => fn () => $process->exit(300),
        'daemon with a job' => function () { Swoole\Async::readFile(__FILE__, fn () => null); return P::daemon(); },
    ]));
}, false, 1);
$child->start();
echo $child->read(65536), "\n";
echo 'exit code ', P::wait()['code'], "\n";
$child->close(P::PIPE_WORKER);
echo tell_all(['write to one that has ended' => fn () => $child->write('x'), 'read' => fn () => $child->read()]), "\n";
$dead = new P($none);
$dead->start();
P::wait();
$dead->close(P::PIPE_WORKER);
echo tell_all(['write a datagram to it' => fn () => $dead->write('x')]), "\n";

echo "-- queues\n";
$queue = new P($none);
$other = new P($none);
foreach ([$queue, $other] as $one) {
    $one->useQueue($key ??= random_int(1 << 20, 1 << 30), 2 | P::IPC_NOWAIT);
}
echo tell_all([
    'mode 9' => fn () => (new P($none))->useQueue(5, 9),
    'pop of none' => fn () => $queue->pop(),
    'push of nothing' => fn () => $queue->push(''),
    'push of too much' => fn () => $queue->push(str_repeat('x', 65536)),
    'freeQueue' => fn () => $queue->freeQueue(),
    'freeQueue again' => fn () => $queue->freeQueue(),
    'pop from it' => fn () => $queue->pop(),
    'statQueue of it' => fn () => $queue->statQueue(),
    'push to it' => fn () => $queue->push('x'),
    'pop from one that another has freed' => fn () => $other->pop(),
    'statQueue of that' => fn () => $other->statQueue(),
    'push to that' => fn () => $other->push('x'),
    'freeQueue of that' => fn () => $other->freeQueue(),
]), "\n";
$words = [...php_command(), '-r', '$p = new Swoole\Process(fn () => null); var_dump(@$p->useQueue(), swoole_last_error());'];
$without_script = new Process($words);
$without_script->wait();
echo $without_script->output();

echo "-- pools\n";
$listener = stream_socket_server('tcp://127.0.0.1:0');
$taken = (int) substr(strrchr(stream_socket_get_name($listener, false), ':'), 1);
$socket = new P\Pool(1, SWOOLE_IPC_SOCKET);
echo tell_all([
    'no worker' => fn () => new P\Pool(0),
    'ipc 9' => fn () => new P\Pool(1, 9),
    'on of nothing' => fn () => (new P\Pool(1))->on('Nothing', $none),
    'on(message) without ipc' => fn () => (new P\Pool(1))->on('Message', $none),
    'listen without a socket' => fn () => (new P\Pool(1, SWOOLE_IPC_UNIXSOCK))->listen('127.0.0.1', 0),
    'listen on a port that is taken' => fn () => $socket->listen('127.0.0.1', $taken),
    'listen on a name' => fn () => $socket->listen('localhost', 0),
    'start without listen' => function () use ($socket, $none) { $socket->on('WorkerStart', $none); $socket->on('Message', $none); return $socket->start(); },
    'getProcess before start' => fn () => (new P\Pool(1))->getProcess(),
    'start in a callback of the loop' => function () use ($none) {
        $said = '';
        Swoole\Event::defer(function () use (&$said, $none) {
            $pool = new P\Pool(1);
            $pool->on('WorkerStart', $none);
            $said = outcome(fn () => $pool->start());
        });
        Swoole\Event::wait();
        return $said;
    },
]), "\n";
$pool = new P\Pool(1);
$report = temp_path();
$pool->on('WorkerStart', function ($pool, $id) use ($report, $none) {
    file_put_contents($report, tell_all([
        'start again' => fn () => $pool->start(),
        'on again' => fn () => $pool->on('WorkerStop', $none),
        'listen again' => fn () => $pool->listen('127.0.0.1', 0),
        'getProcess(7)' => fn () => $pool->getProcess(7),
    ]));
    $pool->shutdown();
});
$pool->start();
echo file_get_contents($report), "\n";
?>
--EXPECT--
-- in the parent
no callback: TypeError: Swoole\Process::__construct(): Argument #1 ($callback) must be a valid callback, function "nowhere" not found or invalid function name
pipe type 9: ValueError: Swoole\Process::__construct(): Argument #3 ($pipe_type) must be 0 (none), 1 (stream) or 2 (datagram)
exec: exec() is for the process itself, in its callback / false
kill everybody: The process -1 cannot be signalled, Error: Invalid argument[22] / false
kill what no id can be: ValueError: Swoole\Process::kill(): Argument #1 ($pid) must be the id of a process
kill nobody: false
signal 99: ValueError: Swoole\Process::signal(): Argument #1 ($signal) must be the number of a signal
signal SIGKILL: The signal 9 cannot be handled, Error: Invalid argument[22] / false
alarm of another type: ValueError: Swoole\Process::alarm(): Argument #2 ($type) must be 0, 1 or 2
no CPU: The process cannot be bound to these CPUs, Error: Invalid argument[22] / false
CPU 9999: The process cannot be bound to these CPUs, Error: Invalid argument[22] / false
timeout below zero: true
a long name: The name of a process has at most 127 bytes / false
-- in the child
start itself: A process cannot start itself / false
exec of nothing: /nonexistent cannot be executed, Error: No such file or directory[2] / false
exit 300: ValueError: Swoole\Process::exit(): Argument #1 ($code) must be between 0 and 255
daemon with a job: Jobs of Swoole\Async are under way: their threads would stay behind / false
exit code 0
write to one that has ended: Unable to write to the pipe, Error: Broken pipe[32] / false
read: ""
write a datagram to it: Unable to write to the pipe, Error: Connection refused[111] / false
-- queues
mode 9: ValueError: Swoole\Process::useQueue(): Argument #2 ($mode) must be 1 (addressed) or 2 (competing), with Swoole\Process::IPC_NOWAIT if wanted
pop of none: false
push of nothing: A message has between 1 and 65535 bytes / false
push of too much: A message has between 1 and 65535 bytes / false
freeQueue: true
freeQueue again: The process uses no queue: call useQueue() first / false
pop from it: The process uses no queue: call useQueue() first / false
statQueue of it: The process uses no queue: call useQueue() first / false
push to it: The process uses no queue: call useQueue() first / false
pop from one that another has freed: No message can be taken, Error: Invalid argument[22] / false
statQueue of that: The queue cannot be looked at, Error: Invalid argument[22] / false
push to that: The message cannot be queued, Error: Invalid argument[22] / false
freeQueue of that: The queue cannot be removed, Error: Invalid argument[22] / false
bool(false)
int(2)
-- pools
no worker: Swoole\Exception: The number of workers must be between 1 and 4096
ipc 9: Swoole\Exception: The type of IPC must be one of SWOOLE_IPC_*
on of nothing: The event 'Nothing' is unknown: WorkerStart, WorkerStop or Message / false
on(message) without ipc: Messages need a type of IPC: it is the constructor's second argument / false
listen without a socket: Only a pool with SWOOLE_IPC_SOCKET listens / false
listen on a port that is taken: The pool cannot listen, Error: Address already in use[98] / false
listen on a name: The pool cannot listen, Error: Invalid argument[22] / false
start without listen: Swoole\Exception: A pool with SWOOLE_IPC_SOCKET needs listen() before start()
getProcess before start: There is no such worker: the pool was not started, or this is none of it / false
start in a callback of the loop: "A pool is started outside of the loop, and where no server runs \/ false"
start again: The pool was started before / false
on again: The pool was started: callbacks are registered before / false
listen again: The pool was started: it listens before / false
getProcess(7): There is no such worker: the pool was not started, or this is none of it / false
