--TEST--
A worker that is killed under load is replaced at once, and the other workers lose nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

$begun = microtime(true);
[$server, $port] = start_server(<<<'PHP'
    $serv->on('request', fn ($request, $response) => $response->end((string) getmypid()));
    $serv->on('workerstart', fn ($s, $id) => tell(['start', $id, getmypid()]));
    $serv->on('workererror', fn ($s, ...$args) => tell(['error', ...$args]));
PHP, ['worker_num' => 3]);
for ($pids = []; count($pids) < 3;) {
    [, $id, $pid] = $server->hear();
    $pids[$id] = $pid;
}
$born = microtime(true);
// What starting takes on this machine now.
$boot = $born - $begun;
$load = new Load($port, 48);
$load->until(fn ($load) => count($load->pids) === 3 && microtime(true) - $born > 1.05);
send_signal($pids[1], 9);
$killed = microtime(true);
$load->more(100);
$error = $server->hear();
$start = $server->hear();
$replaced = microtime(true) - $killed;
echo json_encode($error === ['error', 1, $pids[1], 0, 9]), ' ', json_encode(array_slice($start, 0, 2)), ' ', $replaced < 20 * $boot ? 'at once' : "after $replaced s", "\n";
$load->until(fn ($load) => isset($load->pids[$start[2]]))->more(200)->end();
echo 'lost: ', json_encode(array_values(array_diff(array_keys($load->lost), [$pids[1], 'new']))), "\n";
// What waited in its queue was served by its successor; only what it had accepted is gone.
var_dump(array_sum($load->lost) <= 48);
var_dump(stop($server));
?>
--EXPECT--
true ["start",1] at once
lost: []
bool(true)
int(0)
