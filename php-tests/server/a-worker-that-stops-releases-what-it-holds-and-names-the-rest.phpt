--TEST--
A worker that stops releases what it holds, youngest first, and the peer sees the end; only what comes back again and again is named in the log
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

$peer = silent_peer();
foreach (['/', '/again'] as $path) {
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
        final class Again
        {
            private static int $n = 0;

            public function __destruct()
            {
                // For ever would be PHP's own undoing: it calls destructors as long as there are any.
                if (++self::$n < 30) {
                    Swoole\Timer::after(60000, self::hold(new self));
                }
            }

            public static function hold(self $again): Closure
            {
                return function () use ($again) {
                };
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
            if ($request->server['path_info'] === '/again') {
                Swoole\Timer::after(60000, Again::hold(new Again));
            }
            $witness = new Witness('timer');
            Swoole\Timer::tick(60000, function () use ($witness) {
            });
        });
        $serv->on('workerstop', fn () => tell('stop'));
    PHP, ['max_wait_time' => 0.2], variables: ['where' => $peer->where]);
    echo http_get($port, $path)['body'], "\n";
    $server->signal(15);
    echo json_encode(hear_to_the_end($server)), ' ', json_encode($peer->saw('fin')[0]), "\n";
    $lines = preg_replace(['~^\[[^]]+\] ~m', '~(127.0.0.1):\d+~', '~/\S+/~', '~(#\d+|\.php:\d+)~', '~\d+\.php~', '~ \d+\.\ds$~m'], ['', '$1:PORT', '', '#', 'x.php', ''], file_get_contents($log));
    echo $lines;
}
?>
--EXPECT--
connected
["stop","timer gone","client gone",["returned",true],0] "fin"
INFO shutdown: the workers finish what they have begun
connected
["stop","timer gone","client gone",["returned",true],0] "fin"
INFO shutdown: the workers finish what they have begun
NOTICE still held: # timer Closure# waiting 8#
