--TEST--
Process\Pool: starts workers, replaces those that end, reloads on USR1, ends on TERM and by shutdown()
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

$pool = run_php(<<<'PHP'
<?php
$pool = new swoole_process_pool(2);
$pool->on('WorkerStart', function ($pool, $id) {
    // Told from the loop: a worker that is still in this callback ends without WorkerStop.
    Swoole\Event::defer(fn () => tell(['start', $id, getmypid(), $pool->getProcess()->pid === getmypid(), $pool->master_pid === posix_getppid_()]));
    Swoole\Timer::tick(60000, fn () => 0);
});
$pool->on('workerstop', function (Swoole\Process\Pool $pool, int $id) { tell(['stop', $id]); });
function posix_getppid_(): int { return (int) explode(' ', file_get_contents('/proc/' . getmypid() . '/stat'))[3]; }
Swoole\Process::signal(SIGALRM, fn () => tell('the manager handles signals of its own'));
tell($pool->start());
Swoole\Process::signal(SIGALRM, null);
tell(Tether\Ledger::count());
PHP);
function two(Process $pool): array
{
    $pids = [];
    for ($i = 0; $i < 2; $i++) {
        [$event, $id, $pid, $own, $parent] = $pool->hear();
        var_dump($event === 'start' && $own && $parent);
        $pids[$id] = $pid;
    }
    return $pids;
}
$pids = two($pool);
Swoole\Process::kill($pool->pid, SIGALRM);
echo $pool->hear(), "\n";
echo "-- one is killed, an other one ends: both are replaced\n";
Swoole\Process::kill($pids[1], SIGKILL);
[$event, $id, $new] = $pool->hear();
var_dump($event, $id, $new !== $pids[1]);
Swoole\Process::kill($pids[0]);
echo json_encode($pool->hear()), "\n";
var_dump($pool->hear()[1]);
echo "-- a reload\n";
$pool->signal(10);
$events = [];
for ($i = 0; $i < 4; $i++) {
    [$event, $id] = $pool->hear();
    $events[] = "$event $id";
}
sort($events);
echo implode(', ', $events), "\n";
echo "-- the end\n";
$pool->signal(15);
$stops = [$pool->hear(), $pool->hear()];
sort($stops);
echo json_encode($stops), json_encode($pool->hear()), "\n";
echo 'rows: ', $pool->hear(), "\n";
var_dump($pool->wait(), $pool->errors());

echo "-- workers that die young come back with a delay\n";
$log = temp_path();
$pool = run_php(<<<'PHP'
<?php
$pool = new Swoole\Process\Pool(1);
$pool->on('WorkerStart', function ($pool) use ($log) {
    file_put_contents($log, microtime(true) . "\n", FILE_APPEND);
    if (count(file($log)) === 4) {
        $pool->shutdown();
        usleep(10000000);
    }
    exit(1);
});
tell($pool->start());
PHP, ['log' => $log]);
var_dump($pool->hear(), $pool->wait());
$times = array_map('floatval', file($log));
var_dump($times[1] - $times[0] > 0.09, $times[2] - $times[1] > 0.19, $times[3] - $times[2] > 0.39);

echo "-- misuse\n";
foreach ([
    fn () => new Swoole\Process\Pool(0),
    fn () => new Swoole\Process\Pool(1, 9),
    fn () => new Swoole\Process\Pool(1, SWOOLE_IPC_MSGQUEUE),
    fn () => (new Swoole\Process\Pool(1))->start(),
    fn () => clone new Swoole\Process\Pool(1),
    fn () => serialize(new Swoole\Process\Pool(1)),
] as $wrong) {
    try {
        $wrong();
    } catch (Throwable $e) {
        echo get_class($e), ': ', $e->getMessage(), "\n";
    }
}
$idle = new Swoole\Process\Pool(1);
var_dump(@$idle->on('message', 'strlen'), @$idle->on('nothing', 'strlen'), @$idle->listen('127.0.0.1'), @$idle->write('x'), @$idle->getProcess(), @$idle->shutdown());
?>
--EXPECT--
bool(true)
bool(true)
the manager handles signals of its own
-- one is killed, an other one ends: both are replaced
string(5) "start"
int(1)
bool(true)
["stop",0]
int(0)
-- a reload
start 0, start 1, stop 0, stop 1
-- the end
[["stop",0],["stop",1]]true
rows: 0
int(0)
string(0) ""
-- workers that die young come back with a delay
bool(true)
int(0)
bool(true)
bool(true)
bool(true)
-- misuse
Swoole\Exception: The number of workers must be between 1 and 4096
Swoole\Exception: The type of IPC must be one of SWOOLE_IPC_*
Swoole\Exception: A message queue needs a key of 32 bits
Swoole\Exception: The callback 'WorkerStart' is missing: register it with on() before start()
Error: Trying to clone an uncloneable object of class Swoole\Process\Pool
Exception: Serialization of 'Swoole\Process\Pool' is not allowed
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
