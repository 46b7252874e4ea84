--TEST--
daemonize: the starting process ends at once with 0, the daemon has a session of its own, its pid file, and its output in log_file; SIGRTMIN reopens that in every process
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$folder = temp_dir();
$start = run_php(<<<'PHP'
<?php
chdir($folder);
$serv = new Swoole\Server('127.0.0.1', 0);
$serv->set(['worker_num' => 1, 'task_worker_num' => 1, 'daemonize' => true, 'pid_file' => 'pid', 'log_file' => 'log', 'log_format' => 'json', 'log_level' => 0]);
$serv->on('receive', fn () => null);
$serv->on('task', fn ($s, $id, $from, $data) => print("$data\n"));
$serv->on('start', function ($s) {
    echo "started\n";
    fwrite(STDERR, "to stderr\n");
    tell([getcwd(), posix_session($s->master_pid), $s->master_pid === getmypid()]);
});
$serv->on('workerstart', fn ($s, $id) => tell($id));
$serv->on('receive', function ($s, $fd, $r, $data) {
    echo "worker says $data\n";
    $s->task("task says $data");
    $s->send($fd, 'done');
});
$serv->on('managerstart', fn ($s) => tell($s->port));
function posix_session(int $pid): bool
{
    return (int) explode(' ', file_get_contents("/proc/$pid/stat"))[5] === $pid;
}
$serv->start();
PHP, ['folder' => $folder]);
$heard = [];
while (count($heard) < 4) {
    $heard[] = $start->hear();
}
var_dump($start->wait());
$port = max(array_filter($heard, 'is_int'));
var_dump(in_array(['/', true, true], $heard));
$pid = (int) file_get_contents("$folder/pid");
at_end_of_test(fn () => send_signal($pid, 9));
var_dump(is_alive($pid));
$say = function (string $word) use ($port) {
    $stream = dial($port);
    raw_request($stream, $word, 'done');
};
$say('before');
$log = fn (string $name) => (string) @file_get_contents("$folder/$name");
var_dump(wait_for(fn () => str_contains($log('log'), 'task says before')));
var_dump(str_contains($log('log'), "started\nto stderr\n"), str_contains($log('log'), "worker says before\n"));
rename("$folder/log", "$folder/log.1");
send_signal($pid, 34);
// Each process opens it again in its own time.
var_dump(wait_for(function () use ($say, $log) {
    $say('after');
    return str_contains($log('log'), "worker says after\n") && str_contains($log('log'), "task says after\n");
}));
$children = children($pid, 2);
send_signal($pid, 15);
var_dump(wait_for(fn () => !is_alive($pid)), array_filter($children, 'is_alive'), file_exists("$folder/pid"));
foreach (explode("\n", $log('log')) as $line) {
    if (str_contains($line, 'shutdown:')) {
        $line = json_decode($line, true);
        echo implode(' ', array_keys($line)), ": $line[level] $line[process] ", $line['pid'] === $pid ? 'its pid' : 'another', "\n";
    }
}
?>
--EXPECT--
int(0)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
array(0) {
}
bool(false)
time level process pid worker message: INFO master its pid
