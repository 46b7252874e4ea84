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
        // The master sees the connections while the worker is blocked.
        $serv->on('start', function ($serv) {
            tell(['listens on', $serv->port]);
            $serv->tick(2, function () use ($serv, &$before) {
                $now = count($serv->connections);
                $now === $before || tell("$now connections");
                $before = $now;
            });
        });
        $serv->on('receive', function ($serv, $fd, $reactor, $data) {
            tell($data);
            if ($data === 'block') {
                listen();
            }
            $serv->send($fd, "$data;");
        });
    PHP, ['worker_num' => 1, 'dispatch_mode' => 1, 'discard_timeout_request' => $discards], 'Server');
    $hear = function (string $wanted) use ($server) {
        while (($word = $server->hear()) !== $wanted) {
            $word ?? throw new RuntimeException("never heard: $wanted");
        }
    };
    raw_request($slow = dial($port), 'hello', ';');
    write_all($slow, 'block');
    $hear('block');
    write_all($gone = dial($port), 'from one that is gone');
    write_all($probe = dial($port), 'from one that is there');
    $hear('3 connections');
    $number = (int) substr(strrchr(stream_socket_get_name($gone, false), ':'), 1);
    fclose($gone);
    // The I/O thread has seen the end when it has closed its side: of this one only TIME_WAIT is left, if anything.
    wait_for(fn () => !preg_match(sprintf('~ 0100007F:%04X 0100007F:%04X 0[1-5] ~', $number, $port), file_get_contents('/proc/net/tcp')));
    $server->say(true);
    read_until($probe, ';');
    $server->signal(15);
    $heard = array_values(preg_grep('~^from~', array_filter(hear_to_the_end($server), 'is_string')));
    echo json_encode($discards), ': ', json_encode($heard), "\n";
}
?>
--EXPECT--
false: ["from one that is gone","from one that is there"]
true: ["from one that is there"]
