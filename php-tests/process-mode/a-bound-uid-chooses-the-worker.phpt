--TEST--
dispatch_mode 5: what bind() gave a connection chooses its worker, uid % worker_num, from its next data on and through reloads; unbound it is $fd % worker_num; onClose runs in that worker
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
putenv('TETHER_SERVER_MODE=SWOOLE_PROCESS');
require __DIR__ . '/../server/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('workerstart', fn ($serv, $id) => tell("start $id"));
    $serv->on('close', fn ($serv, $fd) => tell("close $fd in $serv->worker_id, uid " . json_encode($serv->getClientInfo($fd, -1, true)['uid'] ?? null)));
    $serv->on('receive', function ($serv, $fd, $reactor, $data) {
        if (is_numeric($data)) {
            $bound = $serv->bind($fd, (int) $data);
            return $serv->send($fd, json_encode($bound) . ";");
        }
        $serv->send($fd, "$serv->worker_id;");
    });
PHP, ['worker_num' => 3, 'reactor_num' => 1, 'dispatch_mode' => 5], 'Server');
$hear = function (int $count) use ($server): void {
    $heard = array_map(fn () => $server->hear(), range(1, $count));
    sort($heard);
    echo implode(', ', $heard), "\n";
};
$hear(3);
$streams = [1 => dial($port), dial($port), dial($port)];
$ask = fn ($n, $what) => rtrim(raw_request($streams[$n], $what, ';'), ';');
$all = fn () => implode(' ', array_map(fn ($n) => $ask($n, 'who'), [1, 2, 3]));
echo 'unbound: ', $all(), "\n";
echo 'bind: ', $ask(1, '9'), ' ', $ask(2, '4'), ' ', $ask(3, '4'), "\n";
echo 'bound to 9, 4, 4: ', $all(), "\n";
echo 'a second time: ', @$ask(1, '5') !== 'true' ? 'refused' : 'bound', ' ', $all(), "\n";
$server->signal(10);
$hear(3);
echo 'after a reload: ', $all(), "\n";
fclose($streams[1]);
$hear(1);
fclose($streams[2]);
$hear(1);
fclose($streams[3]);
$hear(1);
var_dump(stop($server));
?>
--EXPECT--
start 0, start 1, start 2
unbound: 1 2 0
bind: true true true
bound to 9, 4, 4: 0 1 1
a second time: refused 0 1 1
start 0, start 1, start 2
after a reload: 0 1 1
close 1 in 0, uid 9
close 2 in 1, uid 4
close 3 in 1, uid 4
int(0)
