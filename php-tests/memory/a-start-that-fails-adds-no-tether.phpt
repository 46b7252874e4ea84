--TEST--
A start that fails, for what it was given or because there is a connection, adds no tether, keeps no callback and leaves the connection alone (A2)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

final class Mark
{
    public function __destruct()
    {
        echo '~';
    }
}

/** A callback that must not be called, which says when it is gone. */
function refused(): Closure
{
    $mark = new Mark;
    return static function () use ($mark) { echo 'CALLED '; };
}

function client(): Swoole\Client
{
    $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
    $client->on('connect', static function ($client) { tries('standing', $client); $client->close(); });
    $client->on('receive', static function () {});
    $client->on('error', static function () { echo 'ERROR '; });
    $client->on('close', static function () { echo "close\n"; });
    return $client;
}

function redis(): Swoole\Redis
{
    $redis = new Swoole\Redis(['timeout' => 5 * patience()]);
    $redis->on('close', static function () { echo "close\n"; });
    return $redis;
}

/** What cannot start: [name, what to call]. */
function starts(object $client): array
{
    global $port;
    $connect = match (true) {
        $client instanceof Swoole\Client => static fn (string $host, int $port) => $client->connect($host, $port, 5),
        $client instanceof Swoole\Redis => static fn (string $host, int $port) => $client->connect($host, $port, refused()),
        $client instanceof Swoole\MySQL => static fn (string $host, int $port) =>
            $client->connect(['host' => $host, 'port' => $port, 'user' => 'u', 'password' => '', 'database' => 'd'], refused()),
        $client instanceof Swoole\Http\Client => static fn () => $client->get('/', refused()),
    };
    $starts = [static fn () => $connect('127.0.0.1', $port)];
    if (!$client instanceof Swoole\Http\Client) {
        $starts[] = static fn () => $connect('', $port);
        $starts[] = static fn () => $connect('127.0.0.1', 0);
        $starts[] = static fn () => $connect('127.0.0.1', 70000);
        $starts[] = static fn () => $connect("a\0b", $port);
    }
    return $starts;
}

function tries(string $when, object $client): void
{
    echo "  $when: ";
    foreach (array_slice(starts($client), $when === 'new' ? 1 : 0) as $start) {
        $before = Tether\Ledger::count();
        $said = null;
        set_error_handler(static function (int $level, string $text) use (&$said) {
            $said = $text;
            return true;
        });
        try {
            $started = $start();
        } catch (Swoole\MySQL\Exception|ValueError $e) {
            $started = false;
            $said = $e->getMessage();
            // It holds the arguments of the call that threw.
            unset($e);
        }
        restore_error_handler();
        echo json_encode($started), $said === null ? ' SILENT' : '',
            Tether\Ledger::count() - $before === 0 ? '' : ' TETHERED', ' ';
    }
    echo "\n";
}

$port = peer(['answer' => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])->where;

echo "Swoole\\Client\n";
$client = client();
tries('new', $client);
$client->connect('127.0.0.1', $port, 5 * patience());
tries('connecting', $client);
unset($client);
Swoole\Event::wait();

echo "Swoole\\Redis\n";
$redis = redis();
tries('new', $redis);
$redis->connect('127.0.0.1', $port, static function ($redis, $stands) {
    tries('standing ' . json_encode($stands), $redis);
    $redis->close();
});
tries('connecting', $redis);
unset($redis);
Swoole\Event::wait();

echo "Swoole\\MySQL\n";
$mysql = new Swoole\MySQL;
tries('new', $mysql);
$full = full_backlog_listener();
$mysql->connect(['host' => '127.0.0.1', 'port' => $full->port, 'user' => 'u', 'password' => '', 'database' => 'd', 'timeout' => 5], refused());
tries('connecting', $mysql);
$mysql->close();
unset($mysql);
echo "\n";

echo "Swoole\\Http\\Client\n";
$http = new Swoole\Http\Client('127.0.0.1', $port);
$http->set(['timeout' => 5 * patience()]);
$http->on('close', static function () { echo "close\n"; });
$http->get('/', static function ($http) {
    echo "  $http->statusCode ";
    $http->close();
});
tries('in flight', $http);
unset($http);
Swoole\Event::wait();
var_dump(ledger_empty());
?>
--EXPECT--
Swoole\Client
  new: false false false false 
  connecting: false false false false false 
  standing: false false false false false 
close
Swoole\Redis
  new: ~false ~false ~false ~false 
  connecting: ~false ~false ~false ~false ~false 
  standing true: ~false ~false ~false ~false ~false 
close
Swoole\MySQL
  new: ~false ~false ~false ~false 
  connecting: ~false ~false ~false ~false ~false 
~
Swoole\Http\Client
  in flight: ~false 
  200 close
bool(true)
