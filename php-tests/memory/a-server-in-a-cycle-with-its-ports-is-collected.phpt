--TEST--
A server that its ports, their callbacks or its processes lead back to is the collector's (O5)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

gc_disable();
$cycles = [
    'a callback of a port' => static function (Swoole\Server $serv) {
        $port = $serv->listen('127.0.0.1', 0, SWOOLE_SOCK_TCP);
        $port->on('receive', static function () use ($serv) {});
    },
    'a port in a callback of the server' => static function (Swoole\Server $serv) {
        $port = $serv->listen('127.0.0.1', 0, SWOOLE_SOCK_TCP);
        $serv->on('receive', static function () use ($port) {});
        $port->on('receive', static function () use ($port) {});
    },
    'the property of ports' => static function (Swoole\Server $serv) {
        $serv->listen('127.0.0.1', 0, SWOOLE_SOCK_TCP);
        $serv->ports[1]->on('receive', static function () use ($serv) {});
        $serv->mine = $serv->ports;
    },
    'a process' => static function (Swoole\Server $serv) {
        $serv->addProcess(new Swoole\Process(static function () use ($serv) {}));
    },
    'the iterator of its connections' => static function (Swoole\Server $serv) {
        $serv->mine = [$serv->connections, $serv];
    },
];
foreach ([Swoole\Server::class, Swoole\Http\Server::class] as $class) {
    foreach ($cycles as $name => $make) {
        $before = fd_count();
        $serv = new $class('127.0.0.1', 0);
        $make($serv);
        $weak = WeakReference::create($serv);
        unset($serv);
        $lives = $weak->get() !== null;
        gc_collect_cycles();
        $left = fd_count() - $before;
        echo "$class, $name: ", $lives ? '' : 'gone before, ', $weak->get() === null ? 'collected' : 'LEFT', $left === 0 ? '' : ", $left descriptors left", "\n";
    }
}
?>
--EXPECT--
Swoole\Server, a callback of a port: collected
Swoole\Server, a port in a callback of the server: gone before, collected
Swoole\Server, the property of ports: collected
Swoole\Server, a process: collected
Swoole\Server, the iterator of its connections: collected
Swoole\Http\Server, a callback of a port: collected
Swoole\Http\Server, a port in a callback of the server: gone before, collected
Swoole\Http\Server, the property of ports: collected
Swoole\Http\Server, a process: collected
Swoole\Http\Server, the iterator of its connections: collected
