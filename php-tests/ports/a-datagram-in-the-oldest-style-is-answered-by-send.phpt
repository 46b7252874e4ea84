--TEST--
Without onPacket a UDP port calls onReceive with two numbers that name the sender, for send() and getClientInfo(); a path names a unix one
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$path = temp_path('.sock');
[$server, $tcp] = start_server(<<<'PHP'
    $udp = $serv->listen('127.0.0.1', 0, SWOOLE_SOCK_UDP);
    $serv->listen($path, 0, SWOOLE_SOCK_UNIX_DGRAM)->on('packet', function ($serv, $data, $addr) {
        tell($serv->send($addr['address'], "over unix: $data", $addr['server_socket']));
    });
    $serv->on('receive', function ($serv, $fd, $reactor, $data) use ($udp) {
        $info = $serv->getClientInfo($fd, $reactor);
        tell([$info === ['server_port' => $udp->port, 'remote_port' => $info['remote_port'], 'remote_ip' => '127.0.0.1'] ? $info['remote_port'] : array_keys($info), $serv->send($fd, strrev($data), $reactor), @$serv->send($fd, '', $reactor)]);
    });
    $serv->on('start', function ($serv) use ($udp) {
        tell(['listens on', $serv->port]);
        tell($udp->port);
    });
PHP, [], 'Server', ['path' => $path]);
$udp = $server->hear();
$peer = stream_socket_client("udp://127.0.0.1:$udp");
fwrite($peer, 'abc');
[$from, $sent, $empty] = $server->hear();
var_dump("127.0.0.1:$from" === stream_socket_get_name($peer, false), $sent, $empty, fread($peer, 100));
write_all($stream = dial($tcp), 'from a connection');
echo json_encode($server->hear()), "\n", read_until($stream, 17), "\n";
$client = new Swoole\Client(SWOOLE_SOCK_UNIX_DGRAM);
$client->connect($path);
$client->send('hello');
var_dump($client->recv(), $server->hear(), stop($server));

// An IPv6 sender has no such number.
$serv = new Swoole\Server('::1', 0, SWOOLE_BASE, SWOOLE_SOCK_UDP6);
$serv->on('receive', fn () => null);
try {
    $serv->start();
} catch (Swoole\Exception $e) {
    echo $e->getMessage(), "\n";
}
?>
--EXPECT--
bool(true)
bool(true)
bool(false)
string(3) "cba"
[["server_port","server_fd","socket_fd","socket_type","remote_port","remote_ip","reactor_id","connect_time","last_time","close_errno"],true,false]
noitcennoc a morf
string(16) "over unix: hello"
bool(true)
int(0)
Event callback 'packet' is missing: register it with on() before start()
