--TEST--
In a server's worker: Process::signal beside the server's own signals, and a process that a request starts
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('workerstart', function ($serv) {
        $set = [];
        foreach ([SIGTERM, SIGUSR2, SIGALRM] as $signo) {
            $set[] = @Swoole\Process::signal($signo, fn ($signo) => tell("signal $signo"));
        }
        tell($set);
    });
    $serv->on('workerstop', fn () => tell('workerstop in ' . (getmypid() === $GLOBALS['worker'] ? 'the worker' : 'another')));
    $serv->on('request', function ($request, $response) use ($serv) {
        $GLOBALS['worker'] = getmypid();
        if ($request->server['request_uri'] === '/signal') {
            Swoole\Process::kill(getmypid(), SIGUSR2);
            return $response->end('sent');
        }
        $process = new Swoole\Process(function ($process) use ($response) {
            // The exchange is the worker's: nothing of it leaves this process.
            $response->end('from the child');
            Swoole\Timer::after(1, fn () => $process->write('a timer of ' . ($GLOBALS['worker'] === getmypid() ? 'the worker' : 'the child')));
        });
        $process->start();
        $said = $process->read();
        $response->end($said . ', code ' . Swoole\Process::wait()['code']);
    });
PHP);
echo json_encode($server->hear()), "\n";
echo http_get($port, '/process')['body'], "\n", http_get($port, '/signal')['body'], "\n", $server->hear(), "\n";
echo http_get($port, '/process')['body'], "\n";
$server->signal(15);
echo json_encode(hear_to_the_end($server)), "\n";
?>
--EXPECT--
[false,true,true]
a timer of the child, code 0
sent
signal 12
a timer of the child, code 0
["workerstop in the worker",["returned",true],0]
