--TEST--
The host SYSTEMD takes the sockets that the service manager opened: none is bound anew, all kinds work
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

$path = temp_path('.sock');
$sockets = [
    3 => stream_socket_server('tcp://127.0.0.1:0'),
    4 => stream_socket_server('udp://127.0.0.1:0', $errno, $error, STREAM_SERVER_BIND),
    5 => stream_socket_server("unix://$path"),
];
file_put_contents($program = temp_path('.php'), <<<'PHP'
<?php
try {
    $serv = new Swoole\Server('SYSTEMD');
} catch (Swoole\Exception $e) {
    exit($e->getMessage() . "\n");
}
$serv->set(['worker_num' => 2, 'log_file' => '/dev/null']);
$serv->on('receive', function ($serv, $fd, $reactor, $data) {
    $serv->send($fd, $data === 'ports' ? json_encode(array_map(fn ($port) => [$port->host, $port->port, $port->type], $serv->ports)) : $data);
});
$serv->on('packet', fn ($serv, $data, $addr) => $serv->sendto($addr['address'], $addr['port'], $data));
$serv->start();
echo "returned\n";
PHP);
$run = function (string $environment, array $sockets) use ($program) {
    $command = ['sh', '-c', "$environment exec \"\$@\"", 'sh', ...php_command(), $program];
    return [proc_open($command, [['file', '/dev/null', 'r'], ['pipe', 'w'], ['pipe', 'w']] + $sockets, $pipes), $pipes];
};
foreach (['LISTEN_FDS=3', 'LISTEN_PID=1 LISTEN_FDS=3', 'LISTEN_PID=$$', 'LISTEN_PID=$$ LISTEN_FDS=0', 'LISTEN_PID=$$ LISTEN_FDS=x'] as $environment) {
    [$process, $pipes] = $run($environment, $sockets);
    echo stream_get_contents($pipes[1]);
    proc_close($process);
}
$port = fn ($socket) => (int) substr(strrchr(stream_socket_get_name($socket, false), ':'), 1);
[$process, $pipes] = $run('LISTEN_PID=$$ LISTEN_FDS=3', $sockets);
// What connects now waits in the socket's own queue, whoever accepts.
$stream = dial($tcp = $port($sockets[3]));
at_end_of_test(fn () => is_resource($process) && proc_terminate($process, 9));
write_all($stream, 'ports');
$ports = json_decode(read_until($stream, ']]'), true);
var_dump($ports === [['127.0.0.1', $tcp, SWOOLE_SOCK_TCP], ['127.0.0.1', $port($sockets[4]), SWOOLE_SOCK_UDP], [$path, 0, SWOOLE_SOCK_UNIX_STREAM]] || $ports);
write_all($unix = dial($path), 'over unix');
echo read_until($unix, 9), "\n";
fwrite($udp = stream_socket_client('udp://127.0.0.1:' . $port($sockets[4])), 'over udp');
echo fread($udp, 100), "\n";
proc_terminate($process, 15);
echo stream_get_contents($pipes[1]), stream_get_contents($pipes[2]);
var_dump(proc_close($process), file_exists($path));
?>
--EXPECT--
failed to listen server port[SYSTEMD], Error: Invalid argument[22]: LISTEN_PID and LISTEN_FDS announce no socket for this process
failed to listen server port[SYSTEMD], Error: Invalid argument[22]: LISTEN_PID and LISTEN_FDS announce no socket for this process
failed to listen server port[SYSTEMD], Error: Invalid argument[22]: LISTEN_PID and LISTEN_FDS announce no socket for this process
failed to listen server port[SYSTEMD], Error: Invalid argument[22]: LISTEN_PID and LISTEN_FDS announce no socket for this process
failed to listen server port[SYSTEMD], Error: Invalid argument[22]: LISTEN_PID and LISTEN_FDS announce no socket for this process
bool(true)
over unix
over udp
returned
int(0)
bool(true)
