--TEST--
Datagrams over UDP, UDP6 and unix sockets reach onPacket, and sendto() answers from the same port, in any process
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$path = temp_path('.sock');
$log = temp_path('.log');
$own = stream_socket_server('udp://127.0.0.1:0', $errno, $error, STREAM_SERVER_BIND);
$master = (int) substr(strrchr(stream_socket_get_name($own, false), ':'), 1);
$server = run_server(<<<'PHP'
<?php
$serv = new Swoole\Server('127.0.0.1', 0, SWOOLE_BASE, SWOOLE_SOCK_UDP);
$serv->set(['worker_num' => 2, 'log_file' => $log]);
$serv->listen('::1', 0, SWOOLE_SOCK_UDP6);
$serv->listen($path, 0, SWOOLE_SOCK_UNIX_DGRAM);
$serv->listen('127.0.0.1', 0, SWOOLE_SOCK_UDP)->on('packet', fn ($serv, $data, $addr) => $serv->sendto($addr['address'], $addr['port'], "second: $data", $addr['server_socket']));
$serv->on('packet', function ($serv, $data, $addr) {
    if ($data === 'tell') {
        $told = [];
        foreach ([['127.0.0.1', 0, 'x'], ['localhost', 5, 'x'], ['127.0.0.1', 70000, 'x'], ['127.0.0.1', 5, ''], ['/nonexistent', 0, 'x']] as $args) {
            $told[] = [@$serv->sendto(...$args), swoole_last_error()];
        }
        return tell([array_keys($addr), $addr['server_port'] === $serv->port, $serv->stats()['request_count'] > 0, $told]);
    }
    $serv->sendto($addr['address'], $addr['port'], strlen($data) > 20 ? strlen($data) . ' ' . md5($data) : $data, $addr['server_socket']);
});
$serv->on('start', function ($serv) {
    ready();
    tell(array_map(fn ($port) => [$port->port, $port->type], $serv->ports));
});
$serv->on('managerstart', fn ($serv) => tell($serv->sendto('127.0.0.1', $master, 'from the master')));
tell(['returned', $serv->start()]);
PHP, ['path' => $path, 'log' => $log, 'master' => $master]);
[[$port, $type], [$port6, $type6], [, $typeUnix], [$second]] = $server->hear();
var_dump([$type, $type6, $typeUnix] === [SWOOLE_SOCK_UDP, SWOOLE_SOCK_UDP6, SWOOLE_SOCK_UNIX_DGRAM], $server->hear());
echo stream_socket_recvfrom($own, 100, 0, $from), ' ', $from === "127.0.0.1:$port" ? 'same port' : $from, "\n";
foreach (["udp://127.0.0.1:$port", "udp://[::1]:$port6", "udp://127.0.0.1:$second"] as $address) {
    $peers = [];
    for ($i = 0; $i < 20; $i++) {
        $peers[$i] = stream_socket_client($address);
        fwrite($peers[$i], "packet $i");
    }
    echo implode(' | ', array_unique(array_map(fn ($peer) => preg_replace('~\d+~', 'N', fread($peer, 1000)), $peers))), "\n";
}
$big = random_bytes(60000);
fwrite($peers[0] = stream_socket_client("udp://127.0.0.1:$port"), $big);
var_dump(fread($peers[0], 1000) === '60000 ' . md5($big));
// PHP's streams give a client of a unix datagram socket no name: nobody could answer it.
$client = new Swoole\Client(SWOOLE_SOCK_UNIX_DGRAM);
$client->connect($path);
$client->send('over unix');
echo $client->recv(), "\n";
fwrite(stream_socket_client("udg://$path"), 'from nobody');
fwrite($peers[0], 'tell');
echo json_encode($server->hear()), "\n";
var_dump(stop($server), file_exists($path));
?>
--EXPECT--
bool(true)
bool(true)
from the master same port
packet N
packet N
second: packet N
bool(true)
over unix
[["server_socket","server_port","address","port"],true,true,[[false,0],[false,0],[false,0],[false,0],[false,2]]]
int(0)
bool(false)
