--TEST--
bind_address and bind_port choose the local end of any client, open_tcp_nodelay its TCP; what has no effect warns
--EXTENSIONS--
tether
sockets
--FILE--
<?php
require __DIR__ . '/clients.inc';

// Two, for an end that is bound can not come back to the same one at once.
[$peer, $other] = [silent_peer(), silent_peer()];
/** The local end of a client of this type with these options, and whether it has TCP_NODELAY. */
$ends = function (array $options, int $type = SWOOLE_TCP, int $port = 0) use ($peer, $other): array {
    $look = function ($client) use ($type) {
        $nodelay = ($type & 7) === SWOOLE_TCP ? (bool) socket_get_option($client->getSocket(), SOL_TCP, TCP_NODELAY) : null;
        return [...array_values($client->getsockname()), $nodelay];
    };
    $sync = new Swoole\Client($type);
    $sync->set($options);
    $sync->connect('127.0.0.1', $port ?: $peer->where, 5) or exit('no connection');
    $seen = [$look($sync)];
    $sync->close();
    $async = new Swoole\Client($type | SWOOLE_ASYNC);
    $async->set($options);
    $async->on('connect', function ($client) use (&$seen, $look) {
        $seen[] = $look($client);
        $client->close();
    });
    foreach (['receive', 'error', 'close'] as $event) {
        $async->on($event, fn () => null);
    }
    $async->connect('127.0.0.1', $port ?: $other->where, 5);
    Swoole\Event::wait();
    return $seen;
};
$free = free_port();
foreach ([[], ['bind_address' => '127.0.0.9'], ['bind_address' => '127.0.0.9', 'bind_port' => $free], ['bind_address' => '', 'bind_port' => -1]] as $options) {
    [[$port, $host], [$port2, $host2]] = $ends($options);
    echo $host, ' ', json_encode([$port === $free, $port2 === $free, $host === $host2]), "\n";
}
[[, $host, $on], [, , $on2]] = $ends(['open_tcp_nodelay' => true]);
[[, , $off], [, , $off2]] = $ends(['open_tcp_nodelay' => false]);
echo json_encode([$on, $on2, $off, $off2]), "\n";
[[$port, $host], [$port2, $host2]] = $ends(['bind_address' => '127.0.0.9', 'bind_port' => $free], SWOOLE_UDP, silent_udp());
echo "UDP $host $host2 ", json_encode([$port === $free, $port2 === $free]), "\n";

$server = run_php(<<<'PHP'
<?php
$listener = stream_socket_server('tcp://127.0.0.1:0');
tell((int) substr(strrchr(stream_socket_get_name($listener, false), ':'), 1));
$stream = stream_socket_accept($listener, 60, $from);
fread($stream, 1000);
fwrite($stream, "HTTP/1.1 200 OK\r\nContent-Length: " . strlen($from) . "\r\n\r\n$from");
fread($stream, 1);
PHP);
$http = new Swoole\Http\Client('127.0.0.1', $server->hear());
$http->set(['bind_address' => '127.0.0.9', 'bind_port' => $free, 'timeout' => 5]);
$http->get('/', function ($http) use ($free) {
    echo 'HTTP ', str_replace((string) $free, 'PORT', $http->body), "\n";
    $http->close();
});
Swoole\Event::wait();

try {
    $http->set(['bind_address' => 'localhost']);
} catch (ValueError $e) {
    echo $e->getMessage(), "\n";
}
(new Swoole\Client(SWOOLE_TCP))->set(['bind_port' => 5000]);
(new Swoole\Client(SWOOLE_TCP))->set(['timeout' => 1]);
$client = new Swoole\Client(SWOOLE_TCP);
$client->set(['read_timeout' => 1, 'buffer_low_watermark' => null]);
$client->set(['buffer_high_watermark' => 10]);
(new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC))->set(['read_timeout' => 1, 'buffer_high_watermark' => 10, 'buffer_low_watermark' => 1]);
$http->set(['websocket_mask' => false]);
?>
--EXPECTF--
127.0.0.1 [false,false,true]
127.0.0.9 [false,false,true]
127.0.0.9 [true,true,true]
127.0.0.1 [false,false,true]
[true,true,false,false]
UDP 127.0.0.9 127.0.0.9 [true,true]
HTTP 127.0.0.9:PORT
option "bind_address" must be an IP address

Warning: Swoole\Client::set(): option "bind_port" has no effect: "bind_address" is not set in %s on line %d

Warning: Swoole\Client::set(): option "timeout" has no effect: the timeout is connect()'s third argument in %s on line %d

Warning: Swoole\Client::set(): option "read_timeout" has no effect on a synchronous client: nothing waits while no method runs in %s on line %d

Warning: Swoole\Client::set(): option "buffer_high_watermark" has no effect on a synchronous client: nothing waits while no method runs in %s on line %d

Warning: Swoole\Http\Client::set(): option "websocket_mask" can not be switched off: frames of a client are masked (RFC 6455 section 5.1) in %s on line %d
