<?php
/**
 * What a callback's variables become when it returns.
 *
 *     php -d extension=... examples/seed-locals.php
 *
 * It starts a server on a free port and talks to it itself.
 */
final class Noisy
{
    public function __construct(private string $name)
    {
    }

    public function __destruct()
    {
        echo "  {$this->name} is destroyed\n";
    }
}

/** How many descriptors this process has open. */
function descriptors(): int
{
    return count(scandir('/proc/self/fd'));
}

function test(int $port): void
{
    $a = new Noisy('$a');
    $b = fopen(__FILE__, 'r');
    $c = new swoole_client(SWOOLE_SYNC);
    $c->connect('127.0.0.1', $port);
    $d = new swoole_client(SWOOLE_SYNC);
    $d->connect('127.0.0.1', $port);
    $d->noisy = new Noisy('$d');
    global $e;
    $e['client'] = $d;
    echo '  in test(): ', descriptors() - $GLOBALS['before'], " descriptors more\n";
}

$serv = new Swoole\Server('127.0.0.1', 0);
$serv->set(['worker_num' => 1, 'log_level' => SWOOLE_LOG_WARNING]);
$serv->on('WorkerStart', function ($serv) {
    $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
    $client->on('connect', fn ($cli) => $cli->send('go'));
    $client->on('receive', fn () => null);
    $client->on('error', fn () => $serv->shutdown());
    $client->on('close', fn () => null);
    $client->connect('127.0.0.1', $serv->port);
});
$serv->on('Receive', function ($serv, $fd, $reactorId, $data) {
    $GLOBALS['before'] = descriptors();
    echo "test() runs\n";
    test($serv->port);
    echo 'test() has returned: ', descriptors() - $GLOBALS['before'], " descriptor more, which the global holds\n";
    unset($GLOBALS['e']['client']);
    echo 'after the unset: ', descriptors() - $GLOBALS['before'], " more\n";
    $serv->shutdown();
});
$serv->start();
