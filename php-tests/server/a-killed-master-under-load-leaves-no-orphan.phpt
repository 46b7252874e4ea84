--TEST--
A master killed under load takes event workers and task workers with it within a second; a killed task worker costs no request
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('request', function ($request, $response) use ($serv) {
        $serv->task(1, -1, fn () => $response->end((string) getmypid()));
    });
    $serv->on('task', fn ($s, $id, $from, $data) => getmypid());
    $serv->on('workerstart', fn ($s, $id) => $s->taskworker && tell([$id, getmypid()]));
PHP, ['worker_num' => 2, 'task_worker_num' => 2]);
for ($tasks = []; count($tasks) < 2;) {
    [$id, $pid] = $server->hear();
    $tasks[$id] = $pid;
}
$load = (new Load($port, 8))->more(500);
send_signal($tasks[2], 9);
[$id, $pid] = $server->hear();
$load->more(500);
echo 'lost ', json_encode($load->lost), ' ', $id, ' ', json_encode($pid !== $tasks[2]), "\n";
$pids = children($server->pid, 4);
$server->signal(9);
var_dump($server->wait());
var_dump(wait_for(fn () => !array_filter($pids, 'is_alive'), 1));
?>
--EXPECT--
lost [] 2 true
int(137)
bool(true)
