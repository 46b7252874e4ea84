--TEST--
open_cpu_affinity binds event workers and I/O threads to one CPU each, in turn, and to none of cpu_affinity_ignore
--EXTENSIONS--
tether
--SKIPIF--
<?php
preg_match('/^Cpus_allowed_list:\s+(\S+)/m', (string) @file_get_contents('/proc/self/status'), $list);
if (!isset($list[1]) || preg_match('~^\d+$~', $list[1])) {
    die('skip needs two CPUs');
}
?>
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$cpus = function (string $of = 'self'): array {
    preg_match('/^Cpus_allowed_list:\s+(\S+)/m', file_get_contents("/proc/$of/status"), $list);
    return array_merge(...array_map(fn ($part) => range(...array_slice(explode('-', "$part-$part"), 0, 2)), explode(',', $list[1])));
};
$all = $cpus();
[$a, $b] = $all;
$name = fn (array $on) => match ($on) { $all => 'all', [$a] => 'A', [$b] => 'B', default => json_encode($on) };
$program = <<<'PHP'
    foreach (['receive', 'task', 'finish'] as $event) {
        $serv->on($event, fn () => null);
    }
    $serv->on('workerstart', fn ($serv, $id) => tell([$id, getmypid()]));
    $serv->set(['cpu_affinity_ignore' => $spared]);
PHP;
foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    putenv("TETHER_SERVER_MODE=$mode");
    $two = array_slice($all, 2);
    foreach (['two are left' => $two, 'one is left' => [$a, ...$two], 'none is left' => $all, 'off' => null] as $case => $spared) {
        [$server] = start_server($program, ['worker_num' => 3, 'task_worker_num' => 1, 'open_cpu_affinity' => $spared !== null, 'reactor_num' => 2], 'Server', ['spared' => $spared ?? []]);
        $on = [];
        while (count($on) < 4) {
            [$id, $pid] = $server->hear();
            $on[$id] = $name($cpus($pid));
        }
        ksort($on);
        foreach (glob("/proc/$server->pid/task/*/comm") as $comm) {
            if (preg_match('~^tether-io-(\d)$~', trim(file_get_contents($comm)), $thread)) {
                $on["thread $thread[1]"] = $name($cpus("$server->pid/task/" . basename(dirname($comm))));
            }
        }
        echo "$mode, $case: ", json_encode($on), ' ', $name($cpus($server->pid)), ' ', stop($server), "\n";
        echo preg_match('~Warning: .*?: (.*) in ~', $server->output() . $server->errors(), $warning) ? "  $warning[1]\n" : '';
    }
}
$serv = new Swoole\Server('127.0.0.1', 0);
try {
    $serv->set(['cpu_affinity_ignore' => 3]);
} catch (TypeError $e) {
    echo $e->getMessage(), "\n";
}
?>
--EXPECT--
SWOOLE_BASE, two are left: ["A","B","A","all"] all 0
SWOOLE_BASE, one is left: ["B","B","B","all"] all 0
SWOOLE_BASE, none is left: ["all","all","all","all"] all 0
  Option "open_cpu_affinity" has no effect: no CPU is left to run on
SWOOLE_BASE, off: ["all","all","all","all"] all 0
SWOOLE_PROCESS, two are left: {"0":"A","1":"B","2":"A","3":"all","thread 0":"A","thread 1":"B"} all 0
SWOOLE_PROCESS, one is left: {"0":"B","1":"B","2":"B","3":"all","thread 0":"B","thread 1":"B"} all 0
SWOOLE_PROCESS, none is left: {"0":"all","1":"all","2":"all","3":"all","thread 0":"all","thread 1":"all"} all 0
  Option "open_cpu_affinity" has no effect: no CPU is left to run on
SWOOLE_PROCESS, off: {"0":"all","1":"all","2":"all","3":"all","thread 0":"all","thread 1":"all"} all 0
option "cpu_affinity_ignore" must be of type array, int given
