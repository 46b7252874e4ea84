--TEST--
TCP keepalive watches a peer that no deadline watches (A9), or a far one: mostly once it has spoken
--EXTENSIONS--
tether
sockets
--FILE--
<?php
require __DIR__ . '/clients.inc';

$look = static function ($client) {
    $socket = $client->getSocket();
    $of = static fn (int $option) => socket_get_option($socket, SOL_TCP, $option);
    // TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT
    return socket_get_option($socket, SOL_SOCKET, SO_KEEPALIVE) ? [$of(4), $of(5), $of(6)] : 'off';
};
foreach ([[], ['read_timeout' => 0], ['read_timeout' => 1000]] as $options) {
    $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
    $client->set($options);
    $client->on('connect', function ($client) use ($look) {
        // After the turn that told of it.
        Swoole\Timer::after(1, function () use ($client, $look) {
            echo 'silent: ', json_encode($look($client)), "\n";
            $client->send('x');
        });
    });
    $client->on('receive', function ($client) use ($look) {
        Swoole\Timer::after(1, function () use ($client, $look) {
            echo 'spoken: ', json_encode($look($client)), "\n";
            $client->close();
        });
    });
    $client->on('error', fn () => print "error\n");
    $client->on('close', fn () => null);
    $peer = echo_peer();
    $client->connect('127.0.0.1', $peer->where, 5 * patience());
    Swoole\Event::wait();
}
?>
--EXPECT--
silent: "off"
spoken: [60,10,3]
silent: [60,10,3]
spoken: [60,10,3]
silent: [60,10,3]
spoken: [60,10,3]
