--TEST--
The default deadlines of the clients that PHP can wait for; 0 is none (A9)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

/** How long each took until it was told of its end, without a word about time. */
$full = full_backlog_listener();
$silent = peer(['quiet' => true]);
$began = microtime(true);
$took = [];
$end = static function (string $name) use (&$took, $began) {
    return static function ($client) use (&$took, $began, $name) {
        $took[$name] = [microtime(true) - $began, $client->errCode ?? $client->connect_errno, $client->statusCode ?? null];
    };
};
$client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
$client->on('connect', static fn () => null);
$client->on('close', static fn () => null);
$client->on('error', $end('Client, connect'));
$client->connect('127.0.0.1', $full->port);
$client = new Swoole\Http\Client('127.0.0.1', $full->port);
$client->get('/', $end('Http, connect'));
$client = new Swoole\Http\Client('127.0.0.1', $silent->where);
$client->get('/', $end('Http, response'));
$client = new Swoole\Redis;
$client->connect('127.0.0.1', $full->port, $end('Redis, connect'));
foreach (['connect' => $full->port, 'login' => $silent->where] as $what => $port) {
    $client = new Swoole\MySQL;
    $client->connect(['host' => '127.0.0.1', 'port' => $port, 'user' => '', 'password' => '', 'database' => ''], $end("MySQL, $what"));
}
unset($client);
Swoole\Event::wait();
foreach (['Client, connect' => 0.5, 'Http, connect' => 0.5, 'Http, response' => 0.5, 'Redis, connect' => 1.0,
    'MySQL, connect' => 1.0, 'MySQL, login' => 1.0] as $name => $wanted) {
    [$seconds, $code, $status] = $took[$name];
    // Never early, and not much later than the machine's load explains.
    $right = $seconds >= $wanted - 0.01 && $seconds < $wanted + 0.4 * patience();
    echo "$name: ", $right ? $wanted : $seconds, " s, errCode $code", $status === null ? '' : ", statusCode $status", "\n";
}

// 0 is none: these would have ended by now.
$client = new Swoole\Http\Client('127.0.0.1', $silent->where);
$client->set(['timeout' => 0]);
$client->get('/', static fn ($client) => print("statusCode $client->statusCode\n"));
Swoole\Timer::after(700, static function () use ($client) {
    echo Tether\Ledger::count('client'), " client waits for ever\n";
    $client->close();
});
unset($client);
Swoole\Event::wait();
ledger_empty();
?>
--EXPECT--
Client, connect: 0.5 s, errCode 110
Http, connect: 0.5 s, errCode 110, statusCode -1
Http, response: 0.5 s, errCode 110, statusCode -2
Redis, connect: 1 s, errCode 110
MySQL, connect: 1 s, errCode 110
MySQL, login: 1 s, errCode 110
1 client waits for ever
statusCode -3
