--TEST--
300 stalled readers that are fed 1 MiB a second each cost the worker under 25 MB with socket_buffer_size 65536
--EXTENSIONS--
tether
--SKIPIF--
<?php if (getenv('TETHER_JUDGE') === 'valgrind') echo 'skip valgrind has memory of its own'; ?>
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $connected = 0;
    $serv->on('connect', function ($serv) use (&$connected, $support) {
        if (++$connected < 300) {
            return;
        }
        require_once $support;
        // What PHP itself needs for the pieces is there before.
        $piece = str_repeat('x', 10486);
        $serv->tick(1, fn ($timer) => $serv->clearTimer($timer));
        $before = rss();
        $rounds = $fed = 0;
        // 1 MiB a second: 10,486 bytes every 10 ms to each, for what would be two seconds.
        $serv->tick(10, function ($timer) use ($serv, $piece, $before, &$rounds, &$fed) {
            foreach ($serv->connections as $fd) {
                $fed += $serv->send($fd, $piece);
            }
            if (++$rounds === 200) {
                $serv->clearTimer($timer);
                tell([rss() - $before, $serv->stats()['buffer_size'], $fed]);
            }
        });
    });
    $serv->on('receive', fn () => 1);
PHP, ['socket_buffer_size' => 65536, 'kernel_socket_send_buffer_size' => 65536, 'backlog' => 512], 'Server', ['support' => __DIR__ . '/../_support/measures.inc']);
for ($i = 0; $i < 300; $i++) {
    $streams[] = dial($port);
}
[$cost, $waits, $fed] = $server->hear(60);
// Each is full, and nobody holds more than it may.
var_dump($waits > 300 * 50000, $waits <= 300 * 65536, $fed >= 1500);
var_dump($cost < 25_000_000 ?: $cost);
foreach ($streams as $stream) {
    fclose($stream);
}
var_dump(stop($server));
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
int(0)
