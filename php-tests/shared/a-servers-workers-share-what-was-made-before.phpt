--TEST--
A server's workers share what was made before start()
--EXTENSIONS--
tether
pcntl
posix
--FILE--
<?php
require __DIR__ . "/shared.inc";
require __DIR__ . '/../_support/harness.inc';
$server = run_server(<<<'PHP'
<?php
$table = new Swoole\Table(1024);
$table->column('n', Swoole\Table::TYPE_INT, 8);
$table->create();
$atomic = new Swoole\Atomic();
$lock = new Swoole\Lock();
$channel = new Swoole\Channel(8192);
$serv = new Swoole\Http\Server('127.0.0.1', 0);
$serv->set(['worker_num' => 3, 'log_file' => '/dev/null']);
$serv->table = $table;
$serv->on('start', function ($serv) {
    ready();
    tell($serv->port);
});
$serv->on('request', function ($request, $response) use ($serv, $atomic, $lock, $channel) {
    if ($request->server['request_uri'] === '/die') {
        $lock->lock();
        posix_kill(getmypid(), SIGKILL);
    }
    $serv->table->incr('requests', 'n');
    $serv->table->incr("worker {$serv->worker_id}", 'n');
    $lock->lock();
    $channel->push($serv->worker_id);
    $lock->unlock();
    $response->end(json_encode([$atomic->add(), $serv->table->get('requests', 'n'), count($serv->table), $channel->stats()['queue_num']]));
});
$serv->start();
PHP);
$port = $server->hear();
for ($i = 0; $i < 60; $i++) {
    $last = json_decode(http_get($port)['body'], true);
}
var_dump($last === [60, 60, 4, 60]);
try {
    http_get($port, '/die');
} catch (RuntimeException) {
}
var_dump(json_decode(http_get($port)['body'], true)[0]);
$server->signal(15);
var_dump($server->wait());
?>
--EXPECT--
bool(true)
int(61)
int(0)
