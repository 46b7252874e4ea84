--TEST--
Every class, used in a child that was forked when its objects were alive: shared memory is shared, connections, timers and watchers are the parent's alone
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/classes.inc';

$none = fn () => null;
$port = fn ($listener) => (int) substr(strrchr(stream_socket_get_name($listener, false), ':'), 1);
$listener = stream_socket_server('tcp://127.0.0.1:0');
$silent = $port($listener);
$table = new Swoole\Table(1024);
$table->column('n', Swoole\Table::TYPE_INT);
$table->create();
$table->set('k', ['n' => 1]);
$atomic = new Swoole\Atomic(1);
$long = new Swoole\Atomic\Long(1);
$lock = new Swoole\Lock(SWOOLE_MUTEX);
$lock->lock();
$channel = new Swoole\Channel(8192);
$channel->push(['from' => 'the parent']);
$buffer = new Swoole\Buffer(64);
$buffer->append('parent');
file_put_contents($path = temp_path(), 'the parent');
$mapped = Swoole\Mmap::open($path);
$sync = new Swoole\Client(SWOOLE_TCP);
$sync->connect('127.0.0.1', $silent);
$accepted = stream_socket_accept($listener);
$async = new Swoole\Client(SWOOLE_TCP, SWOOLE_ASYNC);
foreach (['connect', 'receive', 'error', 'close'] as $event) {
    $async->on($event, fn ($cli, $data = '') => print("async client: $event $data\n"));
}
$async->connect('127.0.0.1', $silent);
$asked = false;
$redis = new Swoole\Redis();
$redis->on('close', fn () => print("redis: close\n"));
$redis->connect('127.0.0.1', $silent, function ($redis, $ok) use (&$asked) { $asked = $ok; $redis->get('k', fn ($redis, $answer) => print("redis: $answer\n")); });
$mysql = new Swoole\MySQL();
$mysql->connect(['host' => '127.0.0.1', 'port' => $silent, 'user' => 'u', 'password' => 'p', 'database' => 'd', 'timeout' => 60], fn ($mysql, $ok) => print('mysql: ' . json_encode($ok) . "\n"));
$http = new Swoole\Http\Client('127.0.0.1', $silent);
$http->set(['timeout' => 60]);
$http->get('/', fn ($http) => print("http: $http->body\n"));
$peers = [];
foreach (['async', 'redis', 'mysql', 'http'] as $name) {
    $peers[$name] = stream_socket_accept($listener);
}
while (!$async->isConnected() || !$http->isConnected() || !$asked) {
    Swoole\Event::dispatch();
}
$tick = Swoole\Timer::tick(1, function ($id) { echo "a tick of the parent\n"; Swoole\Timer::clear($id); });
[$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
Swoole\Event::add($near, function ($near) { echo 'watcher: ', fread($near, 100), "\n"; Swoole\Event::del($near); });
Swoole\Event::defer(fn () => print("deferred in the parent\n"));
Swoole\Process::signal(SIGUSR2, function () { echo "signal\n"; Swoole\Process::signal(SIGUSR2, null); });
$sibling = new Swoole\Process(fn ($process) => $process->write('sibling read ' . $process->read()));
$sibling->start();
$server = new Swoole\Server('127.0.0.1', 0);
$row = $table['k'];
$frame = new Swoole\WebSocket\Frame();
$pool = new Swoole\Process\Pool(1);

$in_child = [
    'Swoole\Table' => fn () => [$table->incr('k', 'n'), $table->set('child', ['n' => 7]), @$table->create()],
    'Swoole\Table\Row' => function () use ($row) { $before = $row['n']; $row['n'] = 5; return [$before, $row['n']]; },
    'Swoole\Atomic' => fn () => $atomic->add(1),
    'Swoole\Atomic\Long' => fn () => $long->add(1),
    'Swoole\Lock' => fn () => [$lock->trylock(), $lock->unlock(), $lock->lockwait(0.001)],
    'Swoole\Channel' => fn () => [$channel->pop(), $channel->push('from the child')],
    'Swoole\Buffer' => fn () => [$buffer->append(' child'), (string) $buffer],
    'Swoole\Mmap' => fn () => [fread($mapped, 3), fwrite($mapped, ' CHILD')],
    'Swoole\Client' => fn () => [$sync->isConnected(), $sync->send('by the child, '), $sync->close()],
    'async Swoole\Client' => fn () => [$async->isConnected(), $async->send('x'), $async->errCode, $async->sleep(), $async->close()],
    'Swoole\Redis' => fn () => [$redis->get('k', $none), $redis->close()],
    'Swoole\MySQL' => fn () => [$mysql->query('SELECT 1', $none), $mysql->close()],
    'Swoole\Http\Client' => fn () => [$http->isConnected(), $http->close()],
    'Swoole\Timer' => fn () => [Swoole\Timer::exists($tick), Swoole\Timer::clear($tick), is_int(Swoole\Timer::after(1, $none))],
    'Swoole\Event' => fn () => [Swoole\Event::isset($near), Swoole\Event::del($near), Swoole\Event::defer($none)],
    'Swoole\Process' => fn () => [$sibling->start(), $sibling->exit(1), Swoole\Process::wait(false), Swoole\Process::signal(SIGUSR2, null)],
    'Swoole\Process\Pool' => fn () => $pool->shutdown(),
    'Swoole\Async' => fn () => Swoole\Async::readFile($path, $none),
    'Swoole\Server' => fn () => [$server->shutdown(), $server->send(1, 'x')],
    'Swoole\WebSocket\Frame' => fn () => (function () use ($frame) { $frame->data = 'x'; return strlen((string) $frame) > 0; })(),
    'Tether\Ledger' => fn () => Tether\Ledger::count(),
];
// These live in a server's process only, or say nothing of their own there.
$elsewhere = ['Tether\Shutdown', 'Swoole\Exception', 'Swoole\MySQL\Exception', 'Swoole\WebSocket\CloseFrame', 'Swoole\Http\Request',
    'Swoole\Http\Response', 'Swoole\Connection\Iterator', 'Swoole\Server\Port', 'Swoole\Http\Server', 'Swoole\Redis\Server'];
foreach (array_diff(array_keys(tether_classes()), array_keys($in_child), $elsewhere) as $name) {
    echo "no row for $name\n";
}

$rows = Tether\Ledger::count();
$child = new Swoole\Process(function ($process) use ($in_child, $silent) {
    // A connection of its own has the number that one of the parent's had there.
    $lines = ['rows at first: ' . Tether\Ledger::count()];
    $own = new Swoole\Client(SWOOLE_TCP, SWOOLE_ASYNC);
    $own->on('receive', $none = fn () => null);
    $own->on('error', $none);
    $own->on('connect', function ($own) use (&$lines) { $lines[] = 'its own client: connect'; $own->close(); });
    $own->on('close', function () use (&$lines, $process) {
        $lines[] = 'its own client: close';
        $process->write(implode("\n", $lines));
    });
    $own->connect('127.0.0.1', $silent);
    foreach ($in_child as $name => $do) {
        $lines[] = "$name: " . outcome($do);
    }
});
$child->start();
echo $child->read(), "\n";
$end = Swoole\Process::wait();
echo "code $end[code]\n";

echo "--- the parent\n";
var_dump(Tether\Ledger::count() === $rows);
echo json_encode([$table->get('k', 'n'), $table->get('child', 'n'), $atomic->get(), $long->get(), $lock->trylock(), $lock->unlock(),
    $channel->pop(), (string) $buffer, file_get_contents($path), $sync->isConnected(), $sync->send('by the parent')]), "\n";
echo fread($accepted, 100), "\n";
$sibling->write('a word');
echo $sibling->read(), "\n";
Swoole\Process::wait();
Swoole\Process::kill(getmypid(), SIGUSR2);
fwrite($far, 'a word');
fwrite($peers['async'], 'a word');
fwrite($peers['redis'], "+a word\r\n");
fwrite($peers['http'], "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\na word");
ob_start();
Swoole\Timer::tick(1, function ($id) use ($peers) {
    if (substr_count(ob_get_contents(), "\n") >= 7) {
        Swoole\Timer::clear($id);
        array_map(fclose(...), $peers);
    }
});
unset($async, $redis, $mysql, $http);
Swoole\Event::wait();
$lines = explode("\n", trim(ob_get_clean()));
sort($lines);
echo implode("\n", $lines), "\n";
var_dump(ledger_empty());
?>
--EXPECT--
async client: connect 
rows at first: 0
Swoole\Table: The table is created already / [2,true,false]
Swoole\Table\Row: [1,5]
Swoole\Atomic: 2
Swoole\Atomic\Long: 2
Swoole\Lock: [false,false,false]
Swoole\Channel: [{"from":"the parent"},true]
Swoole\Buffer: [12,"parent child"]
Swoole\Mmap: ["the",6]
Swoole\Client: [true,14,true]
async Swoole\Client: Unable to send: not connected / Unable to pause: not connected / The client is not connected / [false,false,5001,false,false]
Swoole\Redis: Unable to send the command get: not connected / The client is not connected / [false,false]
Swoole\MySQL: The client is not connected / The client is not connected / [false,false]
Swoole\Http\Client: The client is not connected / [false,false]
Swoole\Timer: [false,false,true]
Swoole\Event: The descriptor is not watched / [false,false,true]
Swoole\Process: Only the process that has started it may start it again / exit() is for the process itself, in its callback / The signal 12 has no callback / [false,false,false,false]
Swoole\Process\Pool: The pool was not started / false
Swoole\Async: true
Swoole\Server: The server is not running / Connections can be used in a running worker only / [false,false]
Swoole\WebSocket\Frame: true
Tether\Ledger: 4
its own client: connect
its own client: close
code 0
--- the parent
bool(true)
[5,7,2,2,false,true,"from the child","parent","the CHILDt",true,13]
by the child, by the parent
sibling read a word
a tick of the parent
async client: close 
async client: receive a word
deferred in the parent
http: a word
mysql: false
redis: a word
redis: close
signal
watcher: a word
bool(true)
