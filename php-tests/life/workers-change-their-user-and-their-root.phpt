--TEST--
user and group: workers run as them, the master stays who it is, and they still end with a master that is killed
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

[$server] = start_server(<<<'PHP'
    $serv->on('receive', fn () => null);
    $serv->on('task', fn () => null);
    $serv->on('workerstart', function ($s, $id) {
        preg_match_all('/^[UG]id:\s+(\d+)/m', file_get_contents('/proc/' . getmypid() . '/status'), $ids);
        tell([$ids[1], explode("\0", file_get_contents('/proc/' . getmypid() . '/cmdline'))[0]]);
    });
PHP, ['task_worker_num' => 1, 'user' => 'nobody', 'group' => 'root', 'log_file' => '/dev/null'], 'Server');
$nobody = (int) explode(':', current(preg_grep('/^nobody:/', file('/etc/passwd'))))[2];
$heard = [$server->hear(), $server->hear()];
sort($heard);
foreach ($heard as [$ids, $name]) {
    var_dump($ids === ["$nobody", '0'], preg_replace('/of .*/', 'of a script', $name));
}
preg_match('/^Uid:\s+(\d+)/m', file_get_contents("/proc/$server->pid/status"), $master);
var_dump($master[1]);
$children = children($server->pid, 2);
$server->signal(9);
var_dump(wait_for(fn () => !array_filter($children, 'is_alive')));
?>
--SKIPIF--
<?php
if ((fileowner('/proc/self') ?: 0) !== 0) {
    die('skip needs root');
}
?>
--EXPECT--
bool(true)
string(34) "tether: task worker #1 of a script"
bool(true)
string(29) "tether: worker #0 of a script"
string(1) "0"
bool(true)
