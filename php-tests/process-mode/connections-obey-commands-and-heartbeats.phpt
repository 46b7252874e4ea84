--TEST--
With I/O threads a connection is confirmed, paused, resumed and protected, sent a file and ended by a heartbeat, as in a worker of its own; sendwait() says that it is not for it
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
putenv('TETHER_SERVER_MODE=SWOOLE_PROCESS');
require __DIR__ . '/../server/program.inc';

$body = <<<'PHP'
    $serv->on('connect', fn ($serv, $fd) => tell("connect $fd"));
    $serv->on('close', fn ($serv, $fd) => tell("close $fd"));
    $serv->on('pipemessage', fn () => null);
    $serv->on('receive', function ($serv, $fd, $reactor, $data) {
        foreach (explode(' ', trim($data)) as $word) {
            match ($word) {
                'pause' => [$serv->send($fd, 'paused;'), $serv->pause($fd), $serv->after(200, fn () => [$serv->send($fd, 'resumed;'), $serv->resume($fd)])],
                'file' => $serv->sendfile($fd, __FILE__, 2, 3),
                'wait' => $serv->send($fd, json_encode(@$serv->sendwait($fd, 'x')) . ';'),
                'protect' => $serv->protect($fd),
                default => $serv->send($fd, "$word;"),
            };
        }
    });
PHP;
[$server, $port] = start_server($body . <<<'PHP'
    $serv->on('workerstart', fn ($serv) => $serv->tick(20, function () use ($serv) {
        @filemtime($GLOBALS['go']) || file_put_contents($GLOBALS['ticks'], '.', FILE_APPEND);
        foreach ($serv->connections as $fd) {
            if (@filemtime($GLOBALS['go'])) {
                $serv->confirm($fd);
            }
        }
    }));
PHP, ['enable_delay_receive' => true], 'Server', ['go' => $go = temp_path(), 'ticks' => $ticks = temp_path()]);
$stream = dial($port);
echo $server->hear(), "\n";
write_all($stream, 'early');
// Five turns of the worker's loop and more.
$before = (int) @filesize($ticks);
wait_for(function () use ($ticks, $before) { clearstatcache(); return @filesize($ticks) > $before + 5; });
stream_set_blocking($stream, false);
var_dump(fread($stream, 10));
touch($go);
echo read_until($stream, ';'), "\n";
echo raw_request($stream, 'pause', ';'), raw_request($stream, 'later', 'later;'), "\n";
echo raw_request($stream, 'file', 3), ' ', raw_request($stream, 'wait', ';'), "\n";
fclose($stream);
echo $server->hear(), "\n";
var_dump(stop($server));

[$server, $port] = start_server($body, ['heartbeat_check_interval' => 1, 'heartbeat_idle_time' => 1], 'Server');
$silent = dial($port);
$kept = dial($port);
raw_request($kept, 'protect hello', ';');
echo json_encode(read_until($silent, null, 10)), "\n";
echo raw_request($kept, 'still', ';'), "\n";
$server->signal(15);
$heard = array_filter(hear_to_the_end($server), is_string(...));
sort($heard);
echo json_encode($heard), "\n";
?>
--EXPECT--
connect 1
string(0) ""
early;
paused;resumed;later;
php false;
close 1
int(0)
""
still;
["close 1","close 2","connect 1","connect 2"]
