--TEST--
Globals, statics and properties of the server live as long as their worker; locals and their descriptors go when the callback returns
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

$peer = echo_peer();
[$server, $port] = start_server(<<<'PHP'
    require $support . '/measures.inc';
    final class Kept
    {
        public static int $n = 0;
        public function __construct(public string $name)
        {
        }
        public function __destruct()
        {
            tell("$this->name gone");
        }
    }
    $serv->on('request', function ($request, $response) use ($serv, $where) {
        static $n = 0;
        $path = $request->server['path_info'];
        $before = fd_count();
        switch ($path) {
            case '/count':
                $n++;
                Kept::$n++;
                $GLOBALS['n'] = ($GLOBALS['n'] ?? 0) + 1;
                $serv->n = ($serv->n ?? 0) + 1;
                $_ENV['n'] = ($_ENV['n'] ?? 0) + 1;
                return $response->end(json_encode([$n, Kept::$n, $GLOBALS['n'], $serv->n, $_ENV['n']]));
            case '/local':
                $file = fopen(__FILE__, 'r');
                $client = new Swoole\Client(SWOOLE_SOCK_TCP);
                $client->connect('127.0.0.1', $where, 2);
                $client->send('hello');
                $got = $client->recv();
                $object = new Kept('local');
                return $response->end(json_encode([$got, fd_count() - $before]));
            case '/keep':
                $GLOBALS['e']['client'] = new Swoole\Client(SWOOLE_SOCK_TCP);
                $GLOBALS['e']['client']->connect('127.0.0.1', $where, 2);
                $GLOBALS['e']['file'] = fopen(__FILE__, 'r');
                $GLOBALS['e']['object'] = new Kept('kept');
                return $response->end(json_encode(fd_count() - $before));
            case '/unset':
                unset($GLOBALS['e']['client']);
                $one = fd_count() - $before;
                unset($GLOBALS['e']['file']);
                $two = fd_count() - $before;
                unset($GLOBALS['e']['object']);
                tell('unset');
                return $response->end(json_encode([$one, $two]));
            case '/timer':
                $GLOBALS['e']['object'] = new Kept('timer');
                $GLOBALS['e']['file'] = fopen(__FILE__, 'r');
                Swoole\Timer::after(1, function () use ($response) {
                    $before = fd_count();
                    unset($GLOBALS['e']['object'], $GLOBALS['e']['file']);
                    tell('timer');
                    $response->end(json_encode(fd_count() - $before));
                });
                return;
            case '/close':
                $GLOBALS['e'][$request->fd] = new Kept('connection');
                return $response->end('closes');
            case '/fds':
                return $response->end((string) $before);
        }
    });
    $serv->on('close', function ($serv, $fd) {
        if (isset($GLOBALS['e'][$fd])) {
            unset($GLOBALS['e'][$fd]);
            tell('closed');
        }
    });
PHP, variables: ['where' => $peer->where, 'support' => dirname(__DIR__) . '/_support']);
for ($i = 0; $i < 3; $i++) {
    echo http_get($port, '/count')['body'], "\n";
}
$stable = fn () => (int) http_get($port, '/fds')['body'];
$fds = $stable();
echo '/local ', http_get($port, '/local')['body'], ' ', $server->hear(), ' ', wait_for(fn () => $stable() === $fds) ? 'descriptors back' : '', ' ', json_encode($peer->saw('fin')[0]), "\n";
echo '/keep ', http_get($port, '/keep')['body'], ' ', wait_for(fn () => $stable() === $fds + 2) ? 'held' : '', "\n";
echo '/unset ', http_get($port, '/unset')['body'], ' ', $server->hear(), ', ', $server->hear(), ' ', json_encode($peer->saw('fin')[0]), "\n";
echo '/timer ', http_get($port, '/timer')['body'], ' ', $server->hear(), ', ', $server->hear(), "\n";
echo '/close ', http_get($port, '/close')['body'], ' ', $server->hear(), ', ', $server->hear(), "\n";
echo wait_for(fn () => $stable() === $fds) ? 'descriptors back' : $stable(), "\n";
var_dump(stop($server));
?>
--EXPECT--
[1,1,1,1,1]
[2,2,2,2,2]
[3,3,3,3,3]
/local ["hello",2] local gone descriptors back "fin"
/keep 2 held
/unset [-1,-2] kept gone, unset "fin"
/timer -1 timer gone, timer
/close closes connection gone, closed
descriptors back
int(0)
