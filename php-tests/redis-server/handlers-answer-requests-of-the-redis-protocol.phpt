--TEST--
Redis\Server: handlers get the words of a request and answer it; pipelined, cut anywhere, from a real Redis client
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';
use Swoole\Redis\Server as R;

[$server, $port] = start_server(<<<'PHP'
    $serv->data = [];
    $serv->setHandler('SET', function (int $fd, array $args) use ($serv) {
        [$key, $serv->data[$key]] = $args;
        return Swoole\Redis\Server::format(Swoole\Redis\Server::STATUS);
    });
    $serv->setHandler('get', function ($fd, $args) use ($serv) {
        return isset($serv->data[$args[0]])
            ? Swoole\Redis\Server::format(Swoole\Redis\Server::STRING, $serv->data[$args[0]])
            : Swoole\Redis\Server::format(Swoole\Redis\Server::NIL);
    });
    $serv->setHandler('Later', function ($fd, $args) use ($serv) {
        Swoole\Timer::after(1, fn () => $serv->send($fd, Swoole\Redis\Server::format(Swoole\Redis\Server::INT, 7)));
    });
    $serv->setHandler('echo', fn ($fd, $args) => '$' . strlen($json = json_encode($args)) . "\r\n$json\r\n");
    $serv->setHandler('keys', fn ($fd, $args) => Swoole\Redis\Server::format(Swoole\Redis\Server::SET, array_keys($serv->data)));
    $serv->setHandler('throw', fn () => throw new Exception('in a handler'));
    $serv->setHandler('rows', fn () => Swoole\Redis\Server::format(Swoole\Redis\Server::INT, Tether\Ledger::count()));
PHP, [], 'Redis\Server');

function command(string ...$words): string
{
    $out = '*' . count($words) . "\r\n";
    foreach ($words as $word) {
        $out .= '$' . strlen($word) . "\r\n$word\r\n";
    }
    return $out;
}
$cli = stream_socket_client("tcp://127.0.0.1:$port");
stream_set_timeout($cli, 5);
$ask = function (string $wire, int $lines = 1) use ($cli): string {
    fwrite($cli, $wire);
    $said = '';
    for ($i = 0; $i < $lines; $i++) {
        $said .= fgets($cli);
    }
    return str_replace("\r\n", '|', $said);
};
echo $ask(command('set', 'a', "one\r\ntwo")), "\n";
echo $ask(command('GET', 'a'), 3), "\n";
echo $ask(command('GET', 'none')), "\n";
echo $ask(command('get', 'none') . command('SET', 'b', 'x') . command('GET', 'b') . command('KEYS', '*'), 9), "\n";
echo $ask("*4\r\n$4\r\necho\r\n:-5\r\n$-1\r\n$0\r\n\r\n", 2), "\n";
echo $ask(command('LATER')), "\n";
echo $ask(command('unknown', 'x')), "\n";
echo $ask(command(str_repeat('y', 100)) . "*0\r\n" . command('rows'), 2), "\n";
echo $ask(command('throw') . command('rows')), "\n";
foreach (str_split(command('GET', 'b')) as $byte) {
    fwrite($cli, $byte);
    wait_until_read($cli);
}
echo $ask('', 2), "\n";
echo "-- the engine's own client\n";
$redis = new Swoole\Redis();
$redis->connect('127.0.0.1', $port, function ($redis) {
    $redis->set('k', 'v', function ($redis, $ok) {
        $redis->get('k', function ($redis, $value) use ($ok) {
            var_dump($ok, $value);
            $redis->close();
        });
    });
});
Swoole\Event::wait();
echo "-- no request: the connection is closed\n";
fwrite($cli, "GET inline\r\n");
var_dump(fgets($cli), feof($cli));
var_dump(stop($server));

echo "-- format\n";
foreach ([
    [R::ERROR], [R::ERROR, "two\r\nlines"], [R::NIL], [R::STATUS], [R::STATUS, 'PONG'], [R::INT, '12'], [R::STRING, ''],
    [R::STRING, 5], [R::SET, [1, 'b', 2.5]], [R::MAP, ['a' => 1, 7 => 'x']], [R::SET, 'no array'],
] as $args) {
    echo json_encode(@R::format(...$args)), "\n";
}
$idle = new swoole_redis_server('127.0.0.1', 0);
foreach ([fn () => R::format(9), fn () => $idle->setHandler('', 'strlen'), fn () => $idle->setHandler(str_repeat('x', 64), 'strlen'), fn () => $idle->setHandler('x', 'no function')] as $wrong) {
    try {
        $wrong();
    } catch (Throwable $e) {
        echo get_class($e), ': ', $e->getMessage(), "\n";
    }
}
var_dump($idle->setHandler('X', 'strlen'), $idle->_handler_x, get_class($idle), $idle instanceof Swoole\Server);
?>
--EXPECT--
+OK|
$8|one|two|
$-1|
$-1|+OK|$1|x|*2|$1|a|$1|b|
$12|[-5,null,""]|
:7|
-ERR unknown command 'unknown'|
-ERR unknown command 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy'|:0|
:0|
$1|x|
-- the engine's own client
string(2) "OK"
string(1) "v"
-- no request: the connection is closed
bool(false)
bool(true)
int(0)
-- format
"-ERR\r\n"
"-two  lines\r\n"
"$-1\r\n"
"+OK\r\n"
"+PONG\r\n"
":12\r\n"
"$0\r\n\r\n"
"$1\r\n5\r\n"
"*3\r\n$1\r\n1\r\n$1\r\nb\r\n$3\r\n2.5\r\n"
"*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\n7\r\n$1\r\nx\r\n"
false
ValueError: Swoole\Redis\Server::format(): Argument #1 ($type) must be one of the constants of Swoole\Redis\Server
ValueError: Swoole\Redis\Server::setHandler(): Argument #1 ($command) must have between 1 and 63 bytes
ValueError: Swoole\Redis\Server::setHandler(): Argument #1 ($command) must have between 1 and 63 bytes
TypeError: Swoole\Redis\Server::setHandler(): Argument #2 ($callback) must be a valid callback, function "no function" not found or invalid function name
bool(true)
string(6) "strlen"
string(19) "Swoole\Redis\Server"
bool(true)
