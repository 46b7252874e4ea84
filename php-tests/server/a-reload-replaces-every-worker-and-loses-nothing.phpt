--TEST--
A reload (SIGUSR1, or reload() in a worker) replaces every worker, one after the other, and loses no request under load
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

foreach (['SIGUSR1', 'reload()'] as $how) {
    [$server, $port] = start_server(<<<'PHP'
        $serv->on('request', function ($request, $response) use ($serv) {
            if ($request->server['path_info'] === '/reload') {
                return $response->end(json_encode($serv->reload()));
            }
            $response->end((string) getmypid());
        });
        $serv->on('workerstart', fn ($s, $id) => tell(['start', $id, getmypid()]));
        $serv->on('workerstop', fn ($s, $id) => tell(['stop', $id, getmypid()]));
        $serv->on('workererror', fn (...$args) => tell(['error', array_slice($args, 1)]));
    PHP, ['worker_num' => 3]);
    for ($old = []; count($old) < 3;) {
        $word = $server->hear();
        $old[$word[1]] = $word[2];
    }
    $load = new Load($port, 48);
    $load->until(fn ($load) => count(array_intersect($old, array_keys($load->pids))) === 3 && $load->answered > 200);
    if ($how === 'SIGUSR1') {
        $server->signal(10);
    } else {
        echo http_get($port, '/reload')['body'], ' ';
    }
    $order = [];
    // An old worker waits for its connections' last requests: the load goes on meanwhile.
    $load->until(function () use ($server, &$order) {
        if ($word = $server->hear(0.001)) {
            $order[] = $word;
        }
        return count($order) === 6;
    });
    // What old workers have said may still be on its way.
    $load->more(200)->pids = [];
    $load->more(500)->end();
    $new = array_column(array_filter($order, fn ($word) => $word[0] === 'start'), 2, 1);
    $stopped = array_column(array_filter($order, fn ($word) => $word[0] === 'stop'), 2, 1);
    ksort($stopped);
    ksort($old);
    // A worker starts before the one that it replaces stops.
    foreach ($order as $place => [$what, $id]) {
        $places[$what][$id] = $place;
    }
    $ready_first = array_filter([0, 1, 2], fn ($id) => $places['start'][$id] < $places['stop'][$id]);
    echo "$how: ", count($new), ' new, ', count($ready_first), ' ready first, old ones ', $stopped === $old ? 'stopped' : 'left', ', answers by ',
        array_diff(array_keys($load->pids), $new) ? 'others' : 'the new ones', ', lost ', json_encode($load->lost), "\n";
    var_dump(stop($server));
}
?>
--EXPECT--
SIGUSR1: 3 new, 3 ready first, old ones stopped, answers by the new ones, lost []
int(0)
true reload(): 3 new, 3 ready first, old ones stopped, answers by the new ones, lost []
int(0)
