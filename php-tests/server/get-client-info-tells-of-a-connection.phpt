--TEST--
getClientInfo() tells of a connection, inside onClose too, and false of one that is gone
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('receive', function ($serv, $fd, $reactor, $data) {
        tell([$serv->getClientInfo($fd), $serv->connection_info($fd) == $serv->getClientInfo($fd, -1, true), $serv->getClientInfo(99), $serv->getClientInfo(-5)]);
    });
    $serv->on('close', function ($serv, $fd) {
        tell(array_keys($serv->getClientInfo($fd) ?: []));
        Swoole\Timer::after(1, fn () => tell([$serv->getClientInfo($fd), $serv->getClientInfo($fd, 0, true)]));
    });
PHP, [], 'Server');
$stream = dial($port);
write_all($stream, 'x');
$more = $server->hear();
$info = array_shift($more);
$local = (int) substr(strrchr(stream_socket_get_name($stream, false), ':'), 1);
echo implode(' ', array_keys($info)), "\n";
var_dump($info['server_port'] === $port, $info['remote_port'] === $local, $info['remote_ip'], $info['socket_fd'] > 2, $info['socket_type'], $info['reactor_id']);
var_dump(abs($info['connect_time'] - time()) < 60, $info['last_time'] >= $info['connect_time']);
echo json_encode($more), "\n";
fclose($stream);
echo implode(' ', $server->hear()), "\n", json_encode($server->hear()), "\n";
var_dump(stop($server));
?>
--EXPECT--
server_port server_fd socket_fd socket_type remote_port remote_ip reactor_id connect_time last_time close_errno
bool(true)
bool(true)
string(9) "127.0.0.1"
bool(true)
int(1)
int(0)
bool(true)
bool(true)
[true,false,false]
server_port server_fd socket_fd socket_type remote_port remote_ip reactor_id connect_time last_time close_errno
[false,false]
int(0)
