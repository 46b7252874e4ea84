--TEST--
close() calls onClose within it, once, with reactor id -1, in onReceive, onConnect and for another session; what was sent before still leaves, unless reset
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('connect', function ($serv, $fd) {
        tell("connect $fd");
        if ($GLOBALS['refuse'] ?? false) {
            tell(['in connect', $serv->close($fd)]);
            $GLOBALS['refuse'] = false;
        }
    });
    $serv->on('receive', function ($serv, $fd, $reactor, $data) {
        [$what, $other] = explode(' ', $data) + ['', 0];
        tell("> $what");
        switch ($what) {
            case 'close':
                $serv->send($fd, 'sent before');
                $results = [$serv->close($fd), $serv->exist($fd), $serv->close($fd), in_array($serv->getLastError(), [1003, 1005])];
                break;
            case 'large':
                $serv->send($fd, str_repeat('x', 2000000));
                $results = [$serv->close($fd)];
                break;
            case 'reset':
                $serv->send($fd, str_repeat('x', 2000000));
                $results = [$serv->close($fd, true), $serv->exist($fd)];
                break;
            case 'other':
                $results = [$serv->send((int) $other, 'from another'), $serv->close((int) $other), $serv->exist((int) $other), $serv->exist($fd)];
                break;
            case 'refuse':
                $results = [$GLOBALS['refuse'] = true];
                break;
            case 'unknown':
                $results = [$serv->close(99999), $serv->getLastError(), $serv->exist(99999), $serv->exists($fd)];
                break;
        }
        tell($results);
    });
    $serv->on('close', function ($serv, $fd, $reactor) {
        tell("close $fd $reactor");
        $GLOBALS['closed'][$fd] = ($GLOBALS['closed'][$fd] ?? 0) + 1;
    });
    $serv->on('workerstop', fn () => tell(['closed', $GLOBALS['closed']]));
PHP, [], 'Server');
$hear = function (int $n) use ($server) {
    for ($words = []; $n > 0; $n--) {
        $words[] = $server->hear();
    }
    echo json_encode($words), "\n";
};
foreach (['close', 'large'] as $case) {
    $got = raw_request($port, $case);
    echo strlen($got), ' ';
    $hear(4);
}
$stream = dial($port);
write_all($stream, 'reset');
$hear(4);
echo strlen(read_until($stream)) < 2000000 ? 'cut' : 'whole', "\n";
$first = dial($port);
$hear(1);
$second = dial($port);
$hear(1);
write_all($second, 'other 4');
$hear(3);
echo read_until($first), "\n";
write_all($second, 'unknown');
$hear(2);
write_all($second, 'refuse');
$hear(2);
echo json_encode(read_until(dial($port))), "\n";
$hear(3);
fclose($second);
$hear(1);
$server->signal(15);
echo json_encode(hear_to_the_end($server)), "\n";
?>
--EXPECT--
11 ["connect 1","> close","close 1 -1",[true,false,false,true]]
2000000 ["connect 2","> large","close 2 -1",[true]]
["connect 3","> reset","close 3 -1",[true,false]]
cut
["connect 4"]
["connect 5"]
["> other","close 4 -1",[true,true,false,true]]
from another
["> unknown",[false,1005,false,true]]
["> refuse",[true]]
""
["connect 6","close 6 -1",["in connect",true]]
["close 5 0"]
[["closed",{"1":1,"2":1,"3":1,"4":1,"6":1,"5":1}],["returned",true],0]
