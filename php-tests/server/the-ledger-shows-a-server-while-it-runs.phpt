--TEST--
The ledger has a row for a server while it runs, in the master and in its workers; the object and its callbacks go after start() returned
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

$server = run_server(<<<'PHP'
<?php
final class Guard
{
    public function __destruct()
    {
        tell('callback gone in ' . (getmypid() === $GLOBALS['master'] ? 'master' : 'worker'));
    }
}
$master = getmypid();
$look = fn () => [
    array_map(fn ($row) => [$row['kind'], $row['class'], $row['state'], $row['peer'] !== null, $row['line'] > 0], Tether\Ledger::rows()),
    Tether\Ledger::count(), Tether\Ledger::count('server'),
];
function run(Closure $look): WeakReference
{
    $serv = new Swoole\Http\Server('127.0.0.1', 0);
    $serv->set(['worker_num' => 1, 'log_file' => '/dev/null']);
    $guard = new Guard;
    $serv->on('request', function ($request, $response) use ($look, $guard) {
        $response->end(json_encode($look()));
    });
    $serv->on('start', function ($serv) use ($look) {
        ready();
        tell($serv->port);
        tell($look());
    });
    unset($guard);
    $before = $look();
    $result = $serv->start();
    tell([$before, $result, $look()]);
    return WeakReference::create($serv);
}
$weak = run($look);
tell($weak->get() === null ? 'server gone' : 'server there');
tell($look());
PHP);
$port = $server->hear();
echo json_encode($server->hear()), "\n", http_get($port)['body'], "\n";
$server->signal(15);
echo implode("\n", array_map(json_encode(...), hear_to_the_end($server))), "\n";
?>
--EXPECT--
[[["server","Swoole\\Http\\Server","running",true,true]],0,1]
[[["server","Swoole\\Http\\Server","running",true,true]],0,1]
"callback gone in worker"
[[[],0,0],true,[[],0,0]]
"callback gone in master"
"server gone"
[[],0,0]
0
