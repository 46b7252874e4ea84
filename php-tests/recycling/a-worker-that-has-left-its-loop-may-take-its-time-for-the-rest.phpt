--TEST--
A worker whose onWorkerStop, destructors and shutdown functions take their time after max_wait_time is not killed for it
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

foreach (['shutdown', 'reload'] as $how) {
    [$server, $port, $log] = start_server(<<<'PHP'
        final class Slow
        {
            public function __destruct()
            {
                usleep(800_000);
                tell('destructed');
            }
        }
        $serv->on('workerstart', function () {
            tell('start');
            $GLOBALS['slow'] = new Slow();
        });
        $serv->on('request', fn ($request, $response) => $GLOBALS['kept'] = $response);
        $serv->on('workerstop', function () {
            usleep(800_000);
            tell('stopped');
        });
        register_shutdown_function(fn () => tell('shutdown function'));
    PHP, ['max_wait_time' => 0.1]);
    $server->hear();
    $asked = dial($port);
    write_all($asked, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    $server->signal($how === 'shutdown' ? 15 : 10);
    $words = [];
    if ($how === 'reload') {
        // Its successor starts while it is still there.
        while (($words[] = $server->hear()) !== 'destructed');
        $server->signal(15);
    }
    echo "$how: ", implode(', ', array_map(json_encode(...), [...$words, ...hear_to_the_end($server)])), "\n";
    echo preg_match('~killed~', file_get_contents($log)) ? file_get_contents($log) : "nobody is killed\n";
}
?>
--EXPECT--
shutdown: "stopped", "shutdown function", "destructed", ["returned",true], "shutdown function", 0
nobody is killed
reload: "start", "stopped", "shutdown function", "destructed", "stopped", "shutdown function", "destructed", ["returned",true], "shutdown function", 0
nobody is killed
