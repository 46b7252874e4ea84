--TEST--
The customer's function test(): locals go when it returns, what a global keeps goes with its unset
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/seeds.inc';
$program = seed_program('locals');
if (!seed_log()) {
    // Its folder may not be made here.
    touch($log = temp_path('.log'));
    $program = str_replace('/data/t.log', $log, $program);
}
file_put_contents($file = temp_path('.php'), $program);

// Word for word, in the callback of a server.
$server = run_server(<<<'PHP'
<?php
require $support . '/measures.inc';
require $file;
$serv = new Swoole\Http\Server('127.0.0.1', 0);
$serv->set(['worker_num' => 1]);
$serv->on('WorkerStart', function ($serv) {
    ready();
    tell($serv->port);
});
$serv->on('Request', function ($request, $response) {
    global $e;
    switch ($request->server['request_uri']) {
        case '/once':
            $descriptors = fd_count();
            test();
            $kept = WeakReference::create($e['client']);
            $response->end(json_encode([
                'descriptors' => fd_count() - $descriptors,
                'files' => count(array_filter(get_resources('stream'), fn ($s) => str_ends_with(stream_get_meta_data($s)['uri'] ?? '', '.log'))),
                'kept' => get_class($kept->get()),
            ]));
            break;
        case '/still':
            $kept = WeakReference::create($e['client']);
            $before = get_class($kept->get());
            unset($e['client']);
            $response->end(json_encode([$before, $kept->get()]));
            break;
        case '/flat':
            ob_start();
            $flat = stays_flat(function () {
                test();
                unset($GLOBALS['e']['client']);
            });
            $response->end(ob_get_clean() . json_encode($flat));
            break;
    }
});
$serv->start();
PHP, ['file' => $file, 'support' => dirname(__DIR__) . '/_support']);
$port = $server->hear();
echo http_get($port, '/once')['body'], "\n";
echo http_get($port, '/still')['body'], "\n";
echo http_get($port, '/flat', [], 60)['body'], "\n";
echo 'exit code ', stop($server), "\n";

// With destructors, and the clients connected.
$peer = silent_peer();
file_put_contents($file, observed($program, [
    '<?php' => MARKS,
    '$a = new stdClass;' => ' $a->mark = new Mark(\'$a\');',
    '$b = fopen(' . (preg_match('/fopen\((.*?)\);/', $program, $m) ? $m[1] : '') . ');' => ' $GLOBALS[\'b\'] = (int) $b;',
    '$c = new swoole_client(SWOOLE_SYNC);' => ' $c->mark = new Mark(\'$c\'); $c->connect(\'127.0.0.1\', $GLOBALS[\'port\']); $c->send(\'c\');',
    '$d = new swoole_client(SWOOLE_SYNC);' => ' $d->mark = new Mark(\'$d\'); $d->connect(\'127.0.0.1\', $GLOBALS[\'port\']); $d->send(\'d\');',
    '$e[\'client\'] = $d;' => ' tell(\'return\');',
]));
$server = run_server(<<<'PHP'
<?php
require $support . '/measures.inc';
require $file;
$serv = new Swoole\Http\Server('127.0.0.1', 0);
$serv->set(['worker_num' => 1]);
$serv->on('WorkerStart', function ($serv) {
    ready();
    tell($serv->port);
});
$serv->on('Request', function ($request, $response) {
    $descriptors = fd_count();
    test();
    $open = array_map('intval', get_resources('stream'));
    tell('returned, descriptors ' . (fd_count() - $descriptors) . (isset($open[$GLOBALS['b']]) ? ', $b open' : ', $b closed'));
    tell('connected: ' . json_encode($GLOBALS['e']['client']->isConnected()));
    unset($GLOBALS['e']['client']);
    tell('unset, descriptors ' . (fd_count() - $descriptors));
    $response->end();
});
$serv->start();
PHP, ['file' => $file, 'support' => dirname(__DIR__) . '/_support', 'port' => $peer->where]);
http_get($server->hear());
told($server, 'unset, descriptors 0');
$seen = [];
while (count($seen['fin'] ?? []) < 2 && $saw = $peer->hear()) {
    $seen[$saw[0]][] = $saw[2] ?? $saw[1];
}
echo json_encode($seen), "\n";
echo 'exit code ', stop($server), "\n";
?>
--EXPECT--
{"descriptors":0,"files":0,"kept":"Swoole\\Client"}
["Swoole\\Client",null]
true
exit code 0
return, $a, $c, returned, descriptors 1, $b closed, connected: true, $d, unset, descriptors 0
{"connect":[0,1],"data":["c","d"],"fin":[0,1]}
exit code 0
