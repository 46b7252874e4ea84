--TEST--
Every process sees every connection: connections, getClientList, exist and getClientInfo, also of another worker
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $before = [count($serv->connections), iterator_to_array($serv->connections)];
    $serv->on('receive', function ($serv, $fd, $reactor, $data) use ($before) {
        if ($data === 'who') {
            return $serv->send($fd, "$fd {$serv->worker_id}\n");
        }
        $ids = iterator_to_array($serv->connections);
        $told = [];
        foreach ($ids as $n => $id) {
            $told[] = [$id, $serv->connections[$id]['reactor_id'], $serv->connections[$id]['remote_port'], isset($serv->connections[$id]), $serv->exist($id), $serv->getClientInfo($id) === $serv->connections[$id]];
        }
        $pages = [];
        for ($start = 0; ($page = $serv->getClientList($start, 3)) !== false; $start = end($page)) {
            $pages[] = $page;
        }
        tell([array_keys($ids) === range(0, count($ids) - 1), count($serv->connections), $told, array_merge(...$pages) === $ids, $pages,
            $serv->connection_list(0, 100) === $ids, $serv->getClientList(9999), isset($serv->connections[9999]), $serv->connections[9999],
            @$serv->getClientList(0, 101), $serv->stats()['connection_num'], $before]);
    });
PHP, ['worker_num' => 2], 'Server');
$streams = $ids = $workers = [];
for ($i = 0; $i < 200 && ($i < 8 || count($workers) < 2); $i++) {
    write_all($stream = dial($port), 'who');
    [$id, $worker] = explode(' ', trim(read_until($stream, fn ($got) => str_ends_with($got, "\n"))));
    $ids[(int) $id] = [(int) $id, (int) $worker, (int) substr(strrchr(stream_socket_get_name($stream, false), ':'), 1), true, true, true];
    $workers[$worker] = true;
    $streams[] = $stream;
}
ksort($ids);
write_all($streams[0], 'all');
[$ordered, $count, $told, $same, $pages, $list, $unknown, $isset, $none, $many, $stat, $before] = $server->hear();
var_dump(count($workers), $ordered, $count === count($ids), $told === array_values($ids), $same, max(array_map('count', $pages)), $list, $unknown, $isset, $none, $many, $stat === $count, $before === [0, []]);
// A dead worker's sessions end with it.
$pids = children($server->pid, 2);
send_signal($pids[1], 9);
foreach ($streams as $n => $stream) {
    if ($ids[array_keys($ids)[$n]][1] === 1) {
        read_until($stream, fn () => false);
        unset($streams[$n]);
    }
}
$stream = reset($streams);
wait_for(function () use ($stream, $server, $streams) {
    write_all($stream, 'all');
    return $server->hear()[1] === count($streams);
});
echo "done\n";
var_dump(stop($server));
?>
--EXPECT--
int(2)
bool(true)
bool(true)
bool(true)
bool(true)
int(3)
bool(true)
bool(false)
bool(false)
bool(false)
bool(false)
bool(true)
bool(true)
done
int(0)
