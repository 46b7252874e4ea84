--TEST--
getSocket() gives the listening socket of a port, where the process has it; what is set on it before start() holds for every worker
--EXTENSIONS--
tether
sockets
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$program = <<<'PHP'
    $udp = $serv->listen('127.0.0.1', 0, SWOOLE_SOCK_UDP);
    foreach (['receive', 'packet', 'task', 'finish'] as $event) {
        $serv->on($event, fn () => 1);
    }
    $numbers = ['primary' => 0, 'tcp' => $serv->port, 'udp' => $udp->port, 'none' => 1];
    $look = function (string $where) use ($serv, $numbers) {
        $said = [];
        foreach ($numbers as $name => $number) {
            set_error_handler(function ($n, $text) use (&$why) { $why = strpbrk($text, ' '); });
            $descriptors = fn () => count(scandir('/proc/self/fd'));
            $before = $descriptors();
            $socket = $serv->getSocket($number);
            if ($socket === false) {
                $said[$name] = $why;
                continue;
            }
            socket_getsockname($socket, $host, $port);
            $more = $descriptors() - $before;
            $said[$name] = [
                $port === ($number ?: $serv->port),
                socket_get_option($socket, SOL_SOCKET, SO_TYPE) === ($name === 'udp' ? SOCK_DGRAM : SOCK_STREAM),
                socket_get_option($socket, SOL_SOCKET, SO_KEEPALIVE),
                $more,
            ];
            unset($socket);
            $said[$name][] = $descriptors() - $before;
        }
        tell([$where, $said]);
    };
    socket_set_option($serv->getSocket(), SOL_SOCKET, SO_KEEPALIVE, 1);
    $look('before start()');
    $serv->on('managerstart', fn () => $look('manager'));
    $serv->on('workerstart', fn ($serv, $id) => $look(['worker', 'second worker', 'task worker'][$id]));
PHP;
foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    putenv("TETHER_SERVER_MODE=$mode");
    echo "$mode\n";
    [$server] = start_server($program, ['worker_num' => 2, 'task_worker_num' => 1, 'reactor_num' => 1], 'Server');
    $heard = [];
    while (count($heard) < 5) {
        [$where, $said] = $server->hear();
        $heard[$where] = array_map('json_encode', $said);
    }
    foreach (['before start()', 'manager', 'worker', 'second worker', 'task worker'] as $where) {
        echo "  $where\n";
        foreach ($heard[$where] as $name => $said) {
            echo '    ', preg_replace('~port \d\d+~', 'port N', "$name: $said"), "\n";
        }
    }
    var_dump(stop($server));
}
?>
--EXPECT--
SWOOLE_BASE
  before start()
    primary: [true,true,1,1,0]
    tcp: [true,true,1,1,0]
    udp: [true,true,0,1,0]
    none: " The server listens on no port 1"
  manager
    primary: [true,true,1,1,0]
    tcp: [true,true,1,1,0]
    udp: [true,true,0,1,0]
    none: " The server listens on no port 1"
  worker
    primary: [true,true,1,1,0]
    tcp: [true,true,1,1,0]
    udp: [true,true,0,1,0]
    none: " The server listens on no port 1"
  second worker
    primary: [true,true,1,1,0]
    tcp: [true,true,1,1,0]
    udp: [true,true,0,1,0]
    none: " The server listens on no port 1"
  task worker
    primary: " This process does not have that socket: ask for it before start()"
    tcp: " This process does not have that socket: ask for it before start()"
    udp: [true,true,0,1,0]
    none: " The server listens on no port 1"
int(0)
SWOOLE_PROCESS
  before start()
    primary: [true,true,1,1,0]
    tcp: [true,true,1,1,0]
    udp: [true,true,0,1,0]
    none: " The server listens on no port 1"
  manager
    primary: " This process does not have that socket: ask for it before start()"
    tcp: " This process does not have that socket: ask for it before start()"
    udp: [true,true,0,1,0]
    none: " The server listens on no port 1"
  worker
    primary: " This process does not have that socket: ask for it before start()"
    tcp: " This process does not have that socket: ask for it before start()"
    udp: [true,true,0,1,0]
    none: " The server listens on no port 1"
  second worker
    primary: " This process does not have that socket: ask for it before start()"
    tcp: " This process does not have that socket: ask for it before start()"
    udp: [true,true,0,1,0]
    none: " The server listens on no port 1"
  task worker
    primary: " This process does not have that socket: ask for it before start()"
    tcp: " This process does not have that socket: ask for it before start()"
    udp: [true,true,0,1,0]
    none: " The server listens on no port 1"
int(0)
