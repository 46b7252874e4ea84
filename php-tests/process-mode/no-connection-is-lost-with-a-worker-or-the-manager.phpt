--TEST--
Under load workers and the manager are killed, and workers are reloaded and recycled: no connection is lost, nothing but what a killed worker had begun is answered with 500, and nothing runs twice
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
putenv('TETHER_SERVER_MODE=SWOOLE_PROCESS');
require __DIR__ . '/../server/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $begun = new Swoole\Atomic();
    $serv->on('request', function ($request, $response) use ($begun) {
        $begun->add();
        $response->end((string) getmypid());
    });
    $serv->on('shutdown', fn () => tell($begun->get()));
PHP, ['worker_num' => 2]);
$load = new Load($port, 24);
$load->more(200);
$ends = [];
$lost = function (Load $load): int {
    $answered = $load->lost['HTTP/1.1 500 Internal Server Error'] ?? 0;
    return array_sum($load->lost) - $answered;
};

// Replaced one after the other: not even a 500.
$load->pids = [];
$old = children($server->pid, 2);
$server->signal(10);
$load->until(fn ($load) => count(array_diff(array_keys($load->pids), $old)) === 2, 30);
$load->until(fn () => !array_filter($old, is_alive(...)), 30)->more(200);
echo 'reload: lost ', json_encode($load->lost), ', closed ', $load->closed, "\n";

foreach ([1, 2, 3] as $round) {
    $pids = wait_for(fn () => children($server->pid, 2));
    send_signal($pids[$round % 2], 9);
    $load->pids = [];
    $load->until(fn ($load) => count(array_diff(array_keys($load->pids), $pids)) === 1, 30);
}
echo 'workers killed: connections lost ', $lost($load), ', closed ', $load->closed, "\n";

[$manager] = array_filter(explode(' ', file_get_contents("/proc/$server->pid/task/$server->pid/children")));
$pids = children($server->pid, 2);
send_signal((int) $manager, 9);
$load->pids = [];
$load->until(fn ($load) => count(array_diff(array_keys($load->pids), $pids)) === 2, 30)->more(200);
echo 'manager killed: connections lost ', $lost($load), ', closed ', $load->closed, ', old workers ', count(array_filter($pids, is_alive(...))), "\n";
$load->end();
$server->signal(15);
[$begun, , $code] = hear_to_the_end($server);
$failed = array_sum($load->lost);
// Each kill may hit a worker that was about to call PHP for one request.
var_dump($failed <= 24 * 4, $begun <= $load->answered, $failed - ($begun - ($load->answered - $failed)) <= 5);
var_dump($code);
?>
--EXPECT--
reload: lost [], closed 0
workers killed: connections lost 0, closed 0
manager killed: connections lost 0, closed 0, old workers 0
bool(true)
bool(true)
bool(true)
int(0)
