--TEST--
An async datagram client is held from connect() to its close, or to the idle deadline
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../clients/clients.inc';

/** A client that tells its events. */
function client(int $type, callable $receive): Swoole\Client
{
    $client = new Swoole\Client($type | SWOOLE_ASYNC);
    $client->on('receive', $receive);
    foreach (['connect', 'error', 'close'] as $event) {
        $client->on($event, static function ($client) use ($event) {
            echo $event, $client->errCode ? " ($client->errCode)" : '', "\n";
            $event === 'connect' and print(json_encode([$client->send('one'), $client->send('two')]) . "\n");
        });
    }
    return $client;
}

$path = temp_path('.sock');
$before = fd_count();
foreach ([SWOOLE_SOCK_UDP => 'udp://127.0.0.1:0', SWOOLE_SOCK_UDP6 => 'udp://[::1]:0'] as $type => $address) {
    $far = stream_socket_server($address, $errno, $error, STREAM_SERVER_BIND);
    $name = stream_socket_get_name($far, false);
    $port = (int) substr(strrchr($name, ':'), 1);
    $client = client($type, static function ($client, $data) {
        echo "receive '$data'\n";
        $data === 'last' and $client->close();
    });
    $dead = WeakReference::create($client);
    var_dump($client->connect([SWOOLE_SOCK_UDP => '127.0.0.1', SWOOLE_SOCK_UDP6 => '::1'][$type], $port));
    unset($client);
    var_dump($dead->get()->isConnected(), Tether\Ledger::count());
    swoole_event_add($far, static function ($far) {
        static $heard = 0;
        echo 'heard ', stream_socket_recvfrom($far, 99, 0, $from), "\n";
        if (++$heard % 2 === 0) {
            foreach (['a', '', str_repeat('x', 9), 'last', 'never'] as $data) {
                stream_socket_sendto($far, $data, 0, $from);
            }
            swoole_event_del($far);
        }
    });
    Swoole\Event::wait();
    var_dump($dead->get(), ledger_empty());
    unset($far);
}

echo "-- unix\n";
$far = stream_socket_server("udg://$path", $errno, $error, STREAM_SERVER_BIND);
$client = client(SWOOLE_SOCK_UNIX_DGRAM, static fn () => null);
$client->connect($path);
$dead = WeakReference::create($client);
unset($client);
swoole_event_add($far, static function ($far) use ($dead) {
    echo 'heard ', stream_socket_recvfrom($far, 99), "\n";
    $dead->get()->close();
    swoole_event_del($far);
});
Swoole\Event::wait();
var_dump($dead->get(), ledger_empty());
unset($far);

echo "-- nobody there\n";
$client = client(SWOOLE_SOCK_UDP, static fn () => null);
$client->set(['read_timeout' => 0.1]);
$client->connect('127.0.0.1', refusing_port());
Swoole\Event::wait();
var_dump($client->isConnected());
unset($client);

echo "-- no such path\n";
$client = client(SWOOLE_SOCK_UNIX_DGRAM, static fn () => null);
var_dump($client->connect("$path.missing"));
Swoole\Event::wait();
unset($client);

$client = new Swoole\Client(SWOOLE_SOCK_UDP | SWOOLE_ASYNC);
try {
    $client->connect('127.0.0.1', 9);
} catch (Error $e) {
    echo $e->getMessage(), "\n";
}
unset($client);
unset($e);
var_dump(ledger_empty());
?>
--EXPECT--
bool(true)
bool(false)
int(1)
connect
[3,3]
heard one
heard two
receive 'a'
receive ''
receive 'xxxxxxxxx'
receive 'last'
close
NULL
bool(true)
bool(true)
bool(false)
int(1)
connect
[3,3]
heard one
heard two
receive 'a'
receive ''
receive 'xxxxxxxxx'
receive 'last'
close
NULL
bool(true)
-- unix
connect
[3,3]
heard one
close
NULL
bool(true)
-- nobody there
connect
[3,3]
close (110)
bool(false)
-- no such path
bool(true)
error (2)
Event callback 'receive' is missing: register it with on()
bool(true)
