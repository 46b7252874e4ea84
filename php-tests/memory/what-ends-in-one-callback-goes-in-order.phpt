--TEST--
What ends in one callback goes in order when it has returned: arguments, the client whose callback ran, the others as they ended, the callback (C2)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

/** Says its name when it is destroyed. */
final class Mark
{
    public function __construct(private string $name)
    {
    }

    public function __destruct()
    {
        echo "~$this->name ";
    }
}

#[AllowDynamicProperties]
final class Named extends Swoole\Client
{
    public function __destruct()
    {
        echo "~$this->name ";
    }
}

function client(string $name, int $port, ?Closure $receive = null): WeakReference
{
    $client = new Named(SWOOLE_TCP | SWOOLE_ASYNC);
    $client->name = $name;
    $client->on('connect', static function ($client) {
        global $open;
        $client->send('x');
        if (++$open === 4) {
            Swoole\Event::defer('all_open');
        }
    });
    $client->on('receive', $receive ?? static function () {});
    $client->on('error', static function () {});
    $client->on('close', static function ($client) { echo "close-$client->name "; });
    $client->connect('127.0.0.1', $port, 5 * patience());
    return WeakReference::create($client);
}

/** Has a deferred callback of the engine close clients that nobody but the engine holds. */
function all_open(): void
{
    global $clients;
    $mark = new Mark('callback');
    Swoole\Event::defer(static function () use ($clients, $mark) {
        foreach (['b', 'c', 'a'] as $name) {
            $clients[$name]->get()->close();
        }
        echo "returns ";
    });
}

$port = echo_peer()->where;
echo "a deferred call: ";
foreach (['a', 'b', 'c'] as $name) {
    $clients[$name] = client($name, $port);
}
$open = 1;
Swoole\Event::wait();

echo "\na callback of the client itself: ";
$open = -99;
$mark = new Mark('callback');
$n = 0;
$last = static function () use (&$clients, &$n) {
    if (++$n === 3) {
        client('d', $GLOBALS['port'], $GLOBALS['receive']);
        unset($GLOBALS['receive']);
    }
};
$receive = static function ($client, $data) use (&$clients, $mark) {
    $clients['b']->get()->close();
    $client->close();
    $clients['a']->get()->close();
    $client->on('receive', static function () {});
    $clients['c']->get()->close();
    echo 'returns ';
};
unset($mark);
foreach (['a', 'b', 'c'] as $name) {
    $clients[$name] = client($name, $port, $last);
}
Swoole\Event::wait();
echo "the loop has ended";

// The arguments go before the clients that ended.
echo "\na request: ";
$server = run_server(<<<'PHP'
<?php
class Mark
{
    public function __construct(private string $name) {}
    public function __destruct() { tell($this->name); }
}
$serv = new Swoole\Http\Server('127.0.0.1', 0);
$serv->set(['worker_num' => 1]);
$serv->on('request', static function ($request, $response) {
    $request->mark = new Mark('request');
    $response->mark = new Mark('response');
    $GLOBALS['client']->get()->close();
});
$serv->on('workerstart', static function ($serv) use ($peer) {
    $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
    $client->mark = new Mark('client');
    $client->on('connect', static function () use ($serv) { ready(); tell($serv->port); });
    $client->on('receive', static function () {});
    $client->on('error', static function () {});
    $client->on('close', static function () { tell('close'); });
    $client->connect('127.0.0.1', $peer, 5);
    $GLOBALS['client'] = WeakReference::create($client);
});
$serv->start();
PHP, ['peer' => $port]);
echo http_get($server->hear())['status'];
for ($i = 0; $i < 4; $i++) {
    echo ' ', $server->hear();
}
stop($server);
ledger_empty();
?>
--EXPECT--
a deferred call: close-b close-c close-a returns ~b ~c ~a ~callback 
a callback of the client itself: close-b close-d close-a close-c returns ~d ~b ~a ~c ~callback the loop has ended
a request: 500 close request response client
