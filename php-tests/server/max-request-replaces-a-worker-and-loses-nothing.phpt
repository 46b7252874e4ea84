--TEST--
max_request replaces a worker once its successor is ready; no request is lost on kept connections, and none of them ends: an idle one is the successor's
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('request', fn ($request, $response) => $response->end((string) getmypid()));
    $serv->on('workerstart', fn ($s, $id) => tell(['start', $id, getmypid()]));
    $serv->on('workerstop', fn ($s, $id) => tell(['stop', $id, getmypid()]));
    $serv->on('workererror', fn (...$args) => tell(['error', array_slice($args, 1)]));
PHP, ['worker_num' => 2, 'max_request' => 100]);
$load = new Load($port, 8);
// It serves on until its successor is ready, however many requests that takes.
$load->until(fn ($load) => count($load->pids) >= 10, 30)->end();
echo 'lost ', json_encode($load->lost), ", connections closed: $load->closed, workers with their share: ",
    json_encode(count(array_filter($load->pids, fn ($served) => $served >= 100)) >= 6), "\n";
$seen = [];
$server->signal(15);
foreach (hear_to_the_end($server) as $word) {
    if (is_array($word) && $word[0] !== 'returned') {
        $seen[$word[0]][] = $word[2] ?? $word;
    } else {
        echo json_encode($word), ' ';
    }
}
sort($seen['start']);
sort($seen['stop']);
echo $seen['start'] === $seen['stop'] ? 'all stopped in order' : json_encode($seen), ' ', json_encode(isset($seen['error'])), "\n";

// A connection that is idle when its worker retires.
[$server, $port] = start_server(<<<'PHP'
    $serv->on('request', fn ($request, $response) => $response->end((string) getmypid()));
    $serv->on('workerstop', fn ($s, $id) => tell('stop'));
    $serv->on('workerstart', fn ($s, $id) => tell('start'));
PHP, ['max_request' => 3]);
$server->hear();
$idle = dial($port);
$first = http_ask($idle);
http_get($port);
http_get($port);
// The old worker has nothing left to do, so it goes at once.
echo $server->hear(), ' ', $server->hear(), ' ';
$next = http_ask($idle);
echo $next['headers']['connection'], ' ', $next['body'] === $first['body'] ? 'same' : 'other', ' ', $next['body'] === http_get($port)['body'] ? 'same' : 'other', "\n";
var_dump(stop($server));
?>
--EXPECT--
lost [], connections closed: 0, workers with their share: true
["returned",true] 0 all stopped in order false
start stop keep-alive other same
int(0)
