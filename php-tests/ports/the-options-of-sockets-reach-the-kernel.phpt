--TEST--
backlog, tcp_defer_accept, tcp_fastopen, kernel_socket_*_buffer_size, open_tcp_nodelay and open_tcp_keepalive with its times reach the sockets, port by port
--EXTENSIONS--
tether
sockets
ffi
--SKIPIF--
<?php
exec('ss --version 2>/dev/null', $output, $status);
if ($status !== 0) {
    die('skip needs ss (iproute2)');
}
?>
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$program = <<<'PHP'
    $second = $serv->listen('127.0.0.1', 0, SWOOLE_SOCK_TCP);
    $second->set(['backlog' => 17, 'open_tcp_nodelay' => false]);
    $serv->on('receive', fn () => null);
    $serv->on('start', function ($serv) use ($second) {
        tell(['listens on', $serv->port]);
        tell($second->port);
    });
    $option = function (int $fd, int $level, int $name) {
        static $libc;
        $libc ??= FFI::cdef('int getsockopt(int fd, int level, int name, void *value, uint32_t *size);');
        $value = FFI::new('int');
        $size = FFI::new('uint32_t');
        $size->cdata = 4;
        return $libc->getsockopt($fd, $level, $name, FFI::addr($value), FFI::addr($size)) === 0 ? $value->cdata : 'failed';
    };
    $accepted = function (int $fd) use ($serv, $option, $second) {
        $info = $serv->getClientInfo($fd);
        $of = fn ($level, $name) => $option($info['socket_fd'], $level, $name);
        tell([$info['server_port'] === $second->port ? 'second' : 'first', [
            'nodelay' => $of(6, 1),
            'keepalive' => $of(SOL_SOCKET, SO_KEEPALIVE) ? [$of(6, 4), $of(6, 5), $of(6, 6)] : 'off',
            'receives' => $of(SOL_SOCKET, SO_RCVBUF) === 2 * 20000,
            'sends' => $of(SOL_SOCKET, SO_SNDBUF) === 2 * 30000,
        ]]);
    };
    $listening = function () use ($option, $serv, $second) {
        // The inodes of sockets that listen on these ports: the test's own parent may listen as well.
        preg_match_all(sprintf('~: \S+:(?:%04X|%04X) \S+ 0A \S+ \S+ \S+ +\d+ +\d+ (\d+) ~', $serv->port, $second->port), file_get_contents('/proc/net/tcp'), $inodes);
        $sockets = [];
        foreach (scandir('/proc/self/fd') as $fd) {
            if (in_array(trim((string) @readlink("/proc/self/fd/$fd"), 'socket:[]'), $inodes[1], true)) {
                $sockets[] = json_encode(['defers' => $option((int) $fd, 6, 9) > 0, 'fastopen' => $option((int) $fd, 6, 23), 'shares' => $option((int) $fd, SOL_SOCKET, 15)]);
            }
        }
        tell($sockets);
    };
    if ($serv->mode === SWOOLE_BASE) {
        $serv->on('workerstart', fn ($serv, $id) => $id === 1 && $listening());
        $serv->on('connect', fn ($serv, $fd) => $accepted($fd));
    } else {
        // The sockets are the master's.
        $serv->on('start', function ($serv) use ($second, $accepted, $listening) {
            tell(['listens on', $serv->port]);
            tell($second->port);
            $listening();
            $serv->tick(5, function () use ($serv, $accepted, &$seen) {
                foreach ($serv->connections as $fd) {
                    if (empty($seen[$fd])) {
                        $seen[$fd] = true;
                        $accepted($fd);
                    }
                }
            });
        });
    }
PHP;
$options = ['open_tcp_keepalive' => true, 'tcp_keepidle' => 900, 'tcp_keepinterval' => 7, 'tcp_keepcount' => 9,
    'backlog' => 33, 'tcp_fastopen' => true, 'tcp_defer_accept' => 4, 'enable_reuse_port' => true,
    'kernel_socket_recv_buffer_size' => 20000, 'kernel_socket_send_buffer_size' => 30000];
// Nothing else shows a backlog.
$backlog = fn (int $port) => array_unique(array_map(fn ($line) => preg_split('~\s+~', $line)[2], explode("\n", trim((string) shell_exec("ss -Hltn 'sport = :$port'")))));
foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    putenv("TETHER_SERVER_MODE=$mode");
    echo "$mode\n";
    [$server, $port] = start_server($program, ['worker_num' => 2, 'reactor_num' => 2] + $options, 'Server');
    $second = $server->hear();
    $sockets = $server->hear();
    sort($sockets);
    echo implode("\n", $sockets), "\n";
    echo json_encode([$backlog($port), $backlog($second)]), "\n";
    foreach ([$port, $second] as $to) {
        // Who has sent nothing is not accepted on the first port.
        write_all($stream = dial($to), 'x');
        echo json_encode($server->hear()), "\n";
        fclose($stream);
    }
    var_dump(stop($server));
}
?>
--EXPECT--
SWOOLE_BASE
{"defers":false,"fastopen":0,"shares":1}
{"defers":true,"fastopen":256,"shares":1}
[["33"],["17"]]
["first",{"nodelay":1,"keepalive":[900,7,9],"receives":true,"sends":true}]
["second",{"nodelay":0,"keepalive":"off","receives":false,"sends":false}]
int(0)
SWOOLE_PROCESS
{"defers":false,"fastopen":0,"shares":1}
{"defers":false,"fastopen":0,"shares":1}
{"defers":true,"fastopen":256,"shares":1}
{"defers":true,"fastopen":256,"shares":1}
[["33"],["17"]]
["first",{"nodelay":1,"keepalive":[900,7,9],"receives":true,"sends":true}]
["second",{"nodelay":0,"keepalive":"off","receives":false,"sends":false}]
int(0)
