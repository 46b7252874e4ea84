--TEST--
A server knows its processes and its settings: before start, in a worker, in the master's events and after
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

$server = run_server(<<<'PHP'
<?php
$serv = new Swoole\Http\Server('127.0.0.1', 0);
$look = fn () => [
    'host' => $serv->host, 'port' => $serv->port > 0, 'type' => $serv->type, 'mode' => $serv->mode,
    'master' => $serv->master_pid === $GLOBALS['master'] ? 'master' : $serv->master_pid,
    'manager' => $serv->manager_pid === $GLOBALS['master'] ? 'master' : $serv->manager_pid,
    'id' => $serv->worker_id, 'worker' => $serv->worker_pid === getmypid() ? 'me' : $serv->worker_pid,
    'task' => $serv->taskworker, 'setting' => $serv->setting,
];
$master = getmypid();
$before = $look();
$serv->set(['worker_num' => 2, 'log_file' => '/dev/null']);
$serv->set(['max_conn' => 500, 'backlog' => null]);
$set = $look();
$serv->on('start', function () use ($before, $set, $look) {
    ready();
    tell($GLOBALS['serv']->port);
    tell($before);
    tell($set);
    tell($look());
});
$serv->on('request', function ($request, $response) use ($look, $serv) {
    $response->end(json_encode([$serv->worker_id, $look(), $request->server['server_port'] === $serv->port]));
});
$serv->start();
tell($look());
PHP);

$port = $server->hear();
foreach (['new', 'set', 'onStart'] as $when) {
    $seen = $server->hear();
    if ($seen['setting']) {
        ksort($seen['setting']);
        unset($seen['setting']['log_file']);
    }
    echo "$when: ", json_encode($seen), "\n";
}
$seen = [];
while (count($seen) < 2) {
    [$id, $look, $same] = json_decode(http_get($port)['body'], true);
    unset($look['setting']);
    $seen[$id] = json_encode([$look, $same]);
}
ksort($seen);
echo implode("\n", $seen), "\n";
$server->signal(15);
$after = $server->hear();
unset($after['setting']);
echo 'after: ', json_encode($after), "\n";
var_dump($server->wait());
?>
--EXPECT--
new: {"host":"127.0.0.1","port":true,"type":1,"mode":1,"master":0,"manager":0,"id":-1,"worker":0,"task":false,"setting":null}
set: {"host":"127.0.0.1","port":true,"type":1,"mode":1,"master":0,"manager":0,"id":-1,"worker":0,"task":false,"setting":{"backlog":null,"max_conn":500,"worker_num":2}}
onStart: {"host":"127.0.0.1","port":true,"type":1,"mode":1,"master":"master","manager":"master","id":-1,"worker":0,"task":false,"setting":{"backlog":null,"buffer_output_size":2097152,"max_conn":500,"max_connection":500,"open_eof_check":false,"open_http_protocol":true,"open_length_check":false,"open_mqtt_protocol":false,"task_worker_num":0,"worker_num":2}}
[{"host":"127.0.0.1","port":true,"type":1,"mode":1,"master":"master","manager":"master","id":0,"worker":"me","task":false},true]
[{"host":"127.0.0.1","port":true,"type":1,"mode":1,"master":"master","manager":"master","id":1,"worker":"me","task":false},true]
after: {"host":"127.0.0.1","port":true,"type":1,"mode":1,"master":"master","manager":"master","id":-1,"worker":0,"task":false}
int(0)
