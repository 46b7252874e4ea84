--TEST--
300 stalled readers that are fed 1 MiB a second each cost master and worker together under 32 MB with socket_buffer_size 65536, all of it counted; onBufferFull and onBufferEmpty tell of it
--EXTENSIONS--
tether
--SKIPIF--
<?php if (getenv('TETHER_JUDGE') === 'valgrind') echo 'skip valgrind has memory of its own'; ?>
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
putenv('TETHER_SERVER_MODE=SWOOLE_PROCESS');
require __DIR__ . '/../server/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $connected = 0;
    $full = [];
    $serv->on('bufferFull', function ($serv, $fd) use (&$full) {
        $full[$fd] = true;
    });
    $serv->on('bufferEmpty', function ($serv, $fd) use (&$full) {
        unset($full[$fd]);
    });
    $serv->on('connect', function ($serv) use (&$connected, &$full) {
        if (++$connected < 300) {
            return;
        }
        // What PHP itself needs for the pieces is there before.
        $piece = str_repeat('x', 10486);
        tell('all are here');
        $rounds = $fed = 0;
        // 1 MiB a second: 10,486 bytes every 10 ms to each, for what would be two seconds.
        $serv->tick(10, function ($timer) use ($serv, $piece, &$rounds, &$fed, &$full) {
            foreach ($serv->connections as $fd) {
                $fed += $serv->send($fd, $piece);
            }
            if (++$rounds === 200) {
                $serv->clearTimer($timer);
                tell([$serv->stats()['buffer_size'], $fed, count($full)]);
                $serv->tick(5, function ($timer) use ($serv, &$full) {
                    if (!$full && $serv->stats()['buffer_size'] === 0) {
                        $serv->clearTimer($timer);
                        tell('all is gone');
                    }
                });
            }
        });
    });
    $serv->on('receive', fn () => 1);
PHP, ['socket_buffer_size' => 65536, 'kernel_socket_send_buffer_size' => 65536, 'backlog' => 512], 'Server');
[$worker] = wait_for(fn () => children($server->pid, 1));
$resident = fn () => array_sum(array_map(function ($pid) {
    preg_match_all('/^Rss(?:Anon|Shmem):\s*(\d+)/m', file_get_contents("/proc/$pid/status"), $found);
    return array_sum($found[1]) * 1024;
}, [$server->pid, $worker]));
for ($i = 0; $i < 300; $i++) {
    $streams[] = dial($port);
}
$server->hear();
$before = $resident();
[$waits, $fed, $full] = $server->hear(60);
$cost = $resident() - $before;
// Each is full, and nobody holds more than it may.
var_dump($waits > 300 * 50000 ?: $waits, $waits <= 300 * 65536 ?: $waits, $fed >= 1500, $full);
var_dump($cost < 32_000_000 ?: $cost);
// They read on.
foreach ($streams as $stream) {
    stream_set_blocking($stream, false);
}
while (($told = $server->hear(0.01)) === null) {
    foreach ($streams as $stream) {
        fread($stream, 1 << 20);
    }
}
echo $told, "\n";
array_map(fclose(...), $streams);
var_dump(stop($server));
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
int(300)
bool(true)
all is gone
int(0)
