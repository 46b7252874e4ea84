--TEST--
1,000 times a client connects again in the callback of its end: memory and descriptors stay (A6)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

/**
 * A client of each kind that connects again inside the callback that told it of its end, for ever:
 * `$times` counts the ends. Nothing but its tether holds it.
 */
function again(string $kind, int $port, int &$times): void
{
    $limit = 30 * patience();
    if ($kind === 'client') {
        $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
        $again = static function ($client) use ($port, &$times, $limit) {
            $times++;
            $client->connect('127.0.0.1', $port, $limit) || throw new LogicException('refused');
        };
        $client->on('connect', static fn ($client) => $client->send('ping'));
        $client->on('receive', static fn () => null);
        $client->on('error', $again);
        $client->on('close', $again);
        $client->connect('127.0.0.1', $port, $limit);
    } elseif (in_array($kind, ['http', 'websocket', 'download'], true)) {
        $client = new Swoole\Http\Client('127.0.0.1', $port);
        $client->set(['timeout' => $limit]);
        $ask = match ($kind) {
            'http' => static fn ($client) => $client->get('/', static fn () => null),
            'download' => static fn ($client) => $client->download('/', $GLOBALS['file'], static fn () => null),
            'websocket' => static fn ($client) => $client->upgrade('/', static function ($client) {
                $client->statusCode === 101 && $client->push('ping');
            }),
        };
        $again = static function ($client) use ($ask, &$times) {
            $times++;
            $ask($client) || throw new LogicException('refused');
        };
        $client->on('error', $again);
        $client->on('close', $again);
        $client->on('message', static fn () => null);
        $ask($client);
    } elseif ($kind === 'mysql') {
        $client = new Swoole\MySQL();
        $config = ['host' => '127.0.0.1', 'port' => $port, 'user' => 'u', 'password' => 'p', 'database' => '', 'timeout' => $limit];
        $connect = static function ($client) use ($config) {
            $client->connect($config, static function ($client, $ok) {
                $ok && $client->query('SELECT 1', static fn () => null);
            }) || throw new LogicException('refused');
        };
        $client->on('close', static function ($client) use ($connect, &$times) {
            $times++;
            $connect($client);
        });
        $connect($client);
    } else {
        $client = new Swoole\Redis(['timeout' => $limit]);
        $connect = static function ($client) use ($port, &$times) {
            $client->connect('127.0.0.1', $port, static function ($client, $ok) use ($port, &$times) {
                if ($ok) {
                    $client->ping(static fn () => null);
                    return;
                }
                $times++;
                again_from_failure($client, $port, $times);
            }) || throw new LogicException('refused');
        };
        $client->on('close', static function ($client) use ($connect, &$times) {
            $times++;
            $connect($client);
        });
        $connect($client);
    }
}

/** Redis tells a failed connect to the callback of connect() alone. */
function again_from_failure(Swoole\Redis $client, int $port, int &$times): void
{
    $client->connect('127.0.0.1', $port, static function ($client) use ($port, &$times) {
        $times++;
        again_from_failure($client, $port, $times);
    }) || throw new LogicException('refused');
}

$file = temp_path();
foreach (['client', 'http', 'websocket', 'download', 'redis', 'mysql'] as $kind) {
    $closes = ['after' => 1] + (in_array($kind, ['websocket', 'download'], true) ? ['answer' => PONG[$kind]] : []);
    foreach (['the peer closes' => $closes, 'the peer resets' => $closes + ['by' => 'reset'], 'refused' => null] as $name => $does) {
        $port = $does === null ? refusing_port() : ($peer = peer_of($kind, $does + ['quiet' => true]))->where;
        $times = 0;
        again($kind, $port, $times);
        $flat = flat_between(static function (int $wanted) use (&$times) {
            turn_until(static function () use (&$times, $wanted) { return $times >= $wanted; });
        }, 100, 1100);
        echo "$kind, $name: ", $flat && Tether\Ledger::count() === 1 ? 'flat' : 'not flat', "\n";
        Swoole\Event::defer(static fn () => Swoole\Event::exit());
        Swoole\Event::wait();
        ledger_empty();
    }
}
?>
--EXPECT--
client, the peer closes: flat
client, the peer resets: flat
client, refused: flat
http, the peer closes: flat
http, the peer resets: flat
http, refused: flat
websocket, the peer closes: flat
websocket, the peer resets: flat
websocket, refused: flat
download, the peer closes: flat
download, the peer resets: flat
download, refused: flat
redis, the peer closes: flat
redis, the peer resets: flat
redis, refused: flat
mysql, the peer closes: flat
mysql, the peer resets: flat
mysql, refused: flat
