--TEST--
A worker that stops names what it still holds, one line each, then releases it; the peer sees the end
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

$peer = silent_peer();
[$server, $port, $log] = start_server(<<<'PHP'
    final class Witness
    {
        public function __construct(private string $name)
        {
        }

        public function __destruct()
        {
            tell("$this->name gone");
        }
    }
    $serv->on('request', function ($request, $response) use ($where) {
        $client = new Swoole\Client(SWOOLE_SOCK_TCP, SWOOLE_SOCK_ASYNC);
        $client->witness = new Witness('client');
        $client->on('connect', fn () => $response->end('connected'));
        $client->on('receive', fn () => null);
        $client->on('error', fn () => null);
        $client->on('close', fn () => tell('never'));
        $client->connect('127.0.0.1', $where);
        $witness = new Witness('timer');
        Swoole\Timer::tick(60000, function () use ($witness) {
        });
    });
    $serv->on('workerstop', fn () => tell('stop'));
PHP, ['max_wait_time' => 0.2], variables: ['where' => $peer->where]);
echo http_get($port)['body'], "\n";
$server->signal(15);
echo json_encode(hear_to_the_end($server)), ' ', json_encode($peer->saw('fin')[0]), "\n";
$lines = preg_replace(['~^\[[^]]+\] ~m', '~(127.0.0.1):\d+~', '~/\S+/~', '~(#\d+|\.php:\d+)~', '~\d+\.php~'], ['', '$1:PORT', '', '#', 'x.php'], file_get_contents($log));
echo $lines;
?>
--EXPECT--
connected
["stop","timer gone","client gone",["returned",true],0] "fin"
INFO shutdown: the workers finish what they have begun
NOTICE still held: # client Swoole\Client# open 127.0.0.1:PORT 4#
NOTICE still held: # timer Closure# waiting 4#
