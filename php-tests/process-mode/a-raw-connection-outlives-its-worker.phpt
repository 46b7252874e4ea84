--TEST--
A raw connection goes on with the next worker when its own is recycled, stopped or killed: the same $fd, no onConnect, and onClose once
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
putenv('TETHER_SERVER_MODE=SWOOLE_PROCESS');
require __DIR__ . '/../server/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('connect', fn ($serv, $fd) => tell("connect $fd"));
    $serv->on('close', fn ($serv, $fd, $reactor) => tell("close $fd"));
    $serv->on('receive', function ($serv, $fd, $reactor, $data) {
        match ($data) {
            'stop' => $serv->stop(-1, true),
            'die' => Swoole\Process::kill(getmypid(), 9),
            default => null,
        };
        $info = $serv->getClientInfo($fd);
        $serv->send($fd, "$fd {$info['remote_port']} " . getmypid() . ";");
    });
PHP, ['worker_num' => 1], 'Server');
$stream = dial($port);
$mine = substr(strrchr(stream_socket_get_name($stream, false), ':'), 1);
$ask = function (string $what) use ($stream, $mine) {
    [$fd, $seen, $pid] = explode(' ', raw_request($stream, $what, ';'));
    return [$fd, $seen === $mine, (int) $pid];
};
[$fd, $same, $first] = $ask('one');
echo $server->hear(), ' ', json_encode($same), "\n";
$ask('stop');
wait_for(fn () => !is_alive($first));
[$again, $same, $second] = $ask('two');
var_dump($again === $fd && $same && $second !== $first);
write_all($stream, 'die');
wait_for(fn () => !is_alive($second));
[$again, $same, $third] = $ask('three');
var_dump($again === $fd && $same && $third !== $second);
fclose($stream);
echo $server->hear(), "\n";
$server->signal(15);
echo json_encode(hear_to_the_end($server)), "\n";
?>
--EXPECT--
connect 1 true
bool(true)
bool(true)
close 1
[["returned",true],0]
