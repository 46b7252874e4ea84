--TEST--
discard_timeout_request: with dispatch_mode 1 what a connection has sent that is closed by now is dropped; without it onReceive still gets it
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
putenv('TETHER_SERVER_MODE=SWOOLE_PROCESS');
require __DIR__ . '/../server/program.inc';

foreach ([false, true] as $discards) {
    [$server, $port] = start_server(<<<'PHP'
        $serv->on('receive', function ($serv, $fd, $reactor, $data) {
            tell($data);
            if ($data === 'block') {
                listen();
            }
            $serv->send($fd, "$data;");
        });
    PHP, ['worker_num' => 1, 'dispatch_mode' => 1, 'discard_timeout_request' => $discards], 'Server');
    $slow = dial($port);
    raw_request($slow, 'hello', ';');
    $server->hear();
    $gone = dial($port);
    write_all($slow, 'block');
    $server->hear();
    write_all($gone, 'from one that is gone');
    fclose($gone);
    // Its thread has seen the end: the connection is no more.
    $probe = dial($port);
    write_all($probe, 'from one that is there');
    wait_for(fn () => count(explode("\n", trim((string) shell_exec("ss -Htn state close-wait 'sport = :$port' 2>/dev/null")))) <= 1);
    usleep(100000);
    $server->say(true);
    read_until($probe, ';');
    stop($server);
    $heard = [];
    while (is_string($word = $server->hear(0.2))) {
        $heard[] = $word;
    }
    echo json_encode($discards), ': ', json_encode($heard), "\n";
}
?>
--EXPECT--
false: ["from one that is gone","from one that is there"]
true: ["from one that is there"]
