--TEST--
Silent connections are listed by heartbeat() and ended by heartbeat_check_interval, protected ones not; bind() gives a uid once
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

[$server, $port] = start_server(<<<'PHP'
    set_error_handler(fn ($level, $text) => tell("warning: $text"));
    $serv->on('connect', function ($serv, $fd) {
        if ($fd === 1) {
            tell([$serv->protect($fd), $serv->protect(99), $serv->heartbeat(), $serv->bind($fd, 77), $serv->bind($fd, 78), $serv->bind($fd, 0), $serv->bind(99, 1), $serv->getLastError(), $serv->getClientInfo($fd)['uid'], isset($serv->getClientInfo($fd)['uid'])]);
        }
    });
    $serv->on('receive', fn ($serv, $fd, $reactor, $data) => $serv->send($fd, $data));
    $serv->on('close', fn ($serv, $fd, $reactor) => tell(['close', $fd, $reactor, $serv->heartbeat()]));
PHP, ['heartbeat_check_interval' => 1, 'heartbeat_idle_time' => 1], 'Server');
[$protected, $silent] = [dial($port), dial($port)];
foreach (range(1, 4) as $i) {
    echo json_encode($server->hear()), "\n";
}
// The silent one ends; the protected one is as silent and stays.
var_dump(read_until($silent));
write_all($protected, 'still here');
echo read_until($protected, 10), "\n";
var_dump(stop($server));

[$server, $port] = start_server(<<<'PHP'
    $serv->on('connect', fn ($serv, $fd) => $fd === 1 && tell($serv->heartbeat()));
    $serv->on('receive', fn ($serv) => tell($serv->heartbeat(true)));
    $serv->on('close', fn ($serv, $fd, $reactor) => tell(['close', $fd, $reactor]));
PHP, ['heartbeat_idle_time' => 1], 'Server');
[$one, $two] = [dial($port), dial($port)];
echo json_encode($server->hear()), "\n";
// One second by the server's own clock.
sleep(1);
usleep(200000);
write_all($two, 'now');
echo json_encode($server->hear()), json_encode($server->hear()), "\n";
var_dump(read_until($one), stop($server));
[$server, $port] = start_server(<<<'PHP'
    $serv->on('connect', fn ($serv) => tell($serv->heartbeat()));
    $serv->on('receive', fn () => 1);
PHP, [], 'Server');
$one = dial($port);
echo json_encode($server->hear()), "\n";
var_dump(stop($server));
?>
--EXPECT--
"warning: Swoole\\Server::bind(): Connection #1 is bound to a uid already"
"warning: Swoole\\Server::bind(): The uid must be between 1 and 4294967295"
[true,false,[],true,false,false,false,1005,77,true]
["close",2,-1,[]]
string(0) ""
still here
int(0)
[]
["close",1,-1][1]
string(0) ""
int(0)
false
int(0)
