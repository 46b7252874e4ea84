--TEST--
pause() and resume() hold a connection's input back; with enable_delay_receive it waits for confirm()
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$body = <<<'PHP'
    $held = null;
    set_error_handler(fn ($level, $text) => tell("warning: $text"));
    $serv->on('connect', fn ($serv, $fd) => tell("connect $fd"));
    $serv->on('receive', function ($serv, $fd, $reactor, $data) use (&$held) {
        if ($data === 'pause') {
            $held = $fd;
            return tell([$serv->pause($fd), $serv->pause($fd), $serv->pause(999), $serv->getLastError()]);
        }
        if (preg_match('~^(resume|confirm|close)( \d+)?$~', $data, $m)) {
            return tell([$data, $serv->{$m[1]}((int) ($m[2] ?? $held))]);
        }
        tell([$fd, $data]);
        $serv->send($fd, "got $data");
    });
    $serv->on('close', fn ($serv, $fd, $reactor) => tell("close $fd $reactor"));
PHP;
[$server, $port] = start_server($body, [], 'Server');
[$one, $two] = [dial($port), dial($port)];
$hear = fn () => print(json_encode($server->hear()) . "\n");
$hear();
$hear();
write_all($one, 'pause');
$hear();
write_all($one, 'later');
// What the second connection says is heard in between: the first one is not read.
foreach (['a', 'b'] as $word) {
    write_all($two, $word);
    $hear();
}
write_all($two, 'resume');
$hear();
$hear();
echo read_until($one, 9), "\n";
write_all($two, 'confirm 1');
$hear();
$hear();
// Closing a paused connection works, and its end is told.
write_all($one, 'pause');
$hear();
write_all($two, 'close');
$hear();
$hear();
var_dump(read_until($one));
var_dump(stop($server));

[$server, $port] = start_server($body, ['enable_delay_receive' => true], 'Server');
[$one, $two] = [dial($port), dial($port)];
$hear = fn () => print(json_encode($server->hear()) . "\n");
$hear();
$hear();
write_all($one, 'early');
var_dump($server->hear(0.2));
stop($server);

[$server, $port] = start_server(<<<'PHP'
    $serv->on('connect', fn ($serv, $fd) => $serv->tick(20, function ($timer) use ($serv, $fd) {
        $serv->clearTimer($timer);
        tell([$serv->confirm($fd), $serv->confirm($fd), $serv->confirm(99)]);
    }));
    $serv->on('receive', fn ($serv, $fd, $reactor, $data) => $serv->send($fd, $data));
PHP, ['enable_delay_receive' => true], 'Server');
write_all($one = dial($port), 'early');
echo json_encode($server->hear()), ' ', read_until($one, 5), "\n";
var_dump(stop($server));
?>
--EXPECT--
"connect 1"
"connect 2"
[true,true,false,1005]
[2,"a"]
[2,"b"]
["resume",true]
[1,"later"]
got later
"warning: Swoole\\Server::confirm(): confirm() needs the option enable_delay_receive"
["confirm 1",false]
[true,true,false,1005]
"close 1 -1"
["close",true]
string(0) ""
int(0)
"connect 1"
"connect 2"
NULL
[true,false,false] early
int(0)
