--TEST--
A process of one's own sends to, pauses, asks about and closes connections of the workers; onClose runs in a worker, once
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

file_put_contents($file = temp_path('.txt'), '0123456789');
$program = <<<'PHP'
    $session = new Swoole\Atomic();
    $bell = new Swoole\Atomic();
    $serv->on('receive', function ($serv, $fd, $reactor, $data) use ($session, $bell) {
        tell("received $data");
        $session->set($fd);
        $bell->wakeup();
    });
    $serv->on('close', fn ($serv, $fd, $reactor) => tell(['close', $reactor, $serv->worker_pid === getmypid()]));
    $serv->addProcess(new Swoole\Process(function () use ($serv, $session, $bell, $file) {
        $bell->wait(-1);
        $fd = $session->get();
        $said = [
            'knows' => $serv->getClientInfo($fd)['remote_ip'], 'exists' => $serv->exist($fd),
            'send' => $serv->send($fd, 'from a process;'), 'sendfile' => $serv->sendfile($fd, $file, 2, 3),
            'pause' => $serv->pause($fd), 'resume' => $serv->resume($fd), 'protect' => $serv->protect($fd), 'bind' => $serv->bind($fd, 7),
            'uid' => $serv->getClientInfo($fd)['uid'], 'list' => $serv->getClientList() === [$fd], 'count' => count($serv->connections),
        ];
        tell($said);
        listen();
        tell(['closes', $serv->close($fd)]);
        Swoole\Timer::after(3600000, fn () => null);
    }));
PHP;
foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    putenv("TETHER_SERVER_MODE=$mode");
    [$server, $port] = start_server($program, ['worker_num' => 2], 'Server', ['file' => $file]);
    write_all($stream = dial($port), 'hello');
    echo "$mode\n", $server->hear(), "\n", json_encode($server->hear()), "\n", read_until($stream, 18), "\n";
    $server->say(true);
    $heard = array_map('json_encode', [$server->hear(), $server->hear()]);
    sort($heard);
    echo implode(' ', $heard), ' ', json_encode(read_until($stream)), ' ', stop($server), "\n";
}
?>
--EXPECT--
SWOOLE_BASE
received hello
{"knows":"127.0.0.1","exists":true,"send":true,"sendfile":true,"pause":true,"resume":true,"protect":true,"bind":true,"uid":7,"list":true,"count":1}
from a process;234
["close",-1,true] ["closes",true] "" 0
SWOOLE_PROCESS
received hello
{"knows":"127.0.0.1","exists":true,"send":true,"sendfile":true,"pause":true,"resume":true,"protect":true,"bind":true,"uid":7,"list":true,"count":1}
from a process;234
["close",-1,true] ["closes",true] "" 0
