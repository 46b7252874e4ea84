--TEST--
A worker that has given up its rights itself, so that the system forgets its parent's death, ends with a killed master all the same
--EXTENSIONS--
tether
posix
--SKIPIF--
<?php if (posix_geteuid() !== 0) echo 'skip only root has rights to give up'; ?>
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    putenv("TETHER_SERVER_MODE=$mode");
    [$server, $port] = start_server(<<<'PHP'
        $serv->on('workerstart', fn () => posix_setuid(65534));
        $serv->on('request', function ($request, $response) {
            tell([posix_geteuid(), getmypid()]);
            sleep(30);
        });
    PHP);
    $stream = dial($port);
    write_all($stream, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    [$user, $pid] = $server->hear();
    echo "$mode: ", json_encode([$user, is_alive($pid)]);
    $killed = microtime(true);
    $server->signal(9);
    echo json_encode([wait_for(fn () => !is_alive($pid)), microtime(true) - $killed < patience()]), "\n";
}
?>
--EXPECT--
SWOOLE_BASE: [65534,true][true,true]
SWOOLE_PROCESS: [65534,true][true,true]
