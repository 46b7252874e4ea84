--TEST--
chroot: the folder is the root of all processes but the master, user and group come after it; a folder that is none is told and the user changes all the same
--EXTENSIONS--
tether
--SKIPIF--
<?php
if ((fileowner('/proc/self') ?: 0) !== 0) {
    die('skip needs root');
}
?>
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$folder = temp_dir();
chmod($folder, 0755);
file_put_contents("$folder/here", 'inside');
$program = <<<'PHP'
    foreach (['receive', 'task', 'finish'] as $event) {
        $serv->on($event, fn () => null);
    }
    $line = fopen('php://fd/3', 'w');
    $look = fn (string $where) => fwrite($line, json_encode([$where, @file_get_contents('/here'), getcwd(), fileowner('.') === false ? '' : file_exists('/etc/passwd')]) . "\n");
    $serv->on('start', function ($serv) use ($look) { tell(['listens on', $serv->port]); $look('master'); });
    $serv->on('workerstart', fn ($serv) => $look($serv->taskworker ? 'task worker' : 'worker'));
    $serv->addProcess(new Swoole\Process(function () use ($look) { $look('process'); Swoole\Timer::after(3600000, fn () => 1); }));
PHP;
foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    putenv("TETHER_SERVER_MODE=$mode");
    foreach ([$folder, "$folder/none"] as $root) {
        [$server, $port, $log] = start_server($program, ['task_worker_num' => 1, 'chroot' => $root, 'user' => 'nobody'], 'Server');
        $heard = [];
        while (count($heard) < 4) {
            [$where, $here, $cwd, $passwd] = $server->hear();
            $heard[$where] = $here ?: ($passwd ? 'outside' : 'nowhere');
        }
        ksort($heard);
        $users = array_map(fn ($pid) => preg_match('/^Uid:\s+(\d+)/m', file_get_contents("/proc/$pid/status"), $uid) ? $uid[1] > 0 : null, children($server->pid, 3));
        echo json_encode($heard), ' ', json_encode($users), ' ', stop($server), "\n";
        echo implode("\n", array_unique(preg_filter('~^.*WARNING (.*)$~', '  $1', file($log, FILE_IGNORE_NEW_LINES)))), "\n";
    }
}
?>
--EXPECT--
{"master":"outside","process":"inside","task worker":"inside","worker":"inside"} [true,true,true] 0

{"master":"outside","process":"outside","task worker":"outside","worker":"outside"} [true,true,true] 0
  user, group or chroot do not hold for this process: No such file or directory (os error 2)
{"master":"outside","process":"inside","task worker":"inside","worker":"inside"} [true,true,true] 0

{"master":"outside","process":"outside","task worker":"outside","worker":"outside"} [true,true,true] 0
  user, group or chroot do not hold for this process: No such file or directory (os error 2)
