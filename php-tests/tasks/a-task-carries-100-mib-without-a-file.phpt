--TEST--
A task and its answer carry 100 MiB through memory: no temporary file, and all of it is given back
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$before = glob(sys_get_temp_dir() . '/swoole.task*');
[$server] = start_server(<<<'PHP'
    ini_set('memory_limit', '-1');
    $serv->on('receive', fn () => null);
    $serv->on('task', fn ($s, $id, $from, $data) => strrev($data));
    $serv->on('workerstart', function ($s) {
        if ($s->taskworker) {
            return;
        }
        $data = random_bytes(1 << 20);
        $data = str_repeat($data, 100) . 'end';
        $descriptors = count(scandir('/proc/self/fd'));
        foreach ([1, 2] as $round) {
            tell($s->taskwait($data, 60) === strrev($data));
        }
        tell(count(scandir('/proc/self/fd')) - $descriptors);
        $s->sendMessage($data, 1);
        $s->after(1, fn () => null);
    });
    $serv->on('pipemessage', function ($s, $from, $data) {
        tell([$from, strlen($data), substr($data, -3)]);
        $s->shutdown();
    });
PHP, ['task_worker_num' => 1], 'Server');
while (($word = $server->hear(60)) !== null) {
    echo json_encode($word), "\n";
}
var_dump($server->wait(), glob(sys_get_temp_dir() . '/swoole.task*') === $before);
?>
--EXPECT--
true
true
0
[0,104857603,"end"]
["returned",true]
int(0)
bool(true)