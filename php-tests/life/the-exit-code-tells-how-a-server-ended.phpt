--TEST--
The exit code tells how a server ended: 0 in good order, else not 0
--EXTENSIONS--
tether
--INI--
display_errors=0
log_errors=0
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$cases = [
    'TERM' => ['', 15],
    'INT' => ['', 2],
    'shutdown() in a worker' => ["\$serv->on('workerstart', fn (\$serv) => \$serv->shutdown());", 0],
    'shutdown() in onStart' => ["\$serv->on('start', function (\$serv) { tell(['listens on', 1]); \$serv->shutdown(); });", 0],
    'exit(0) in onStart' => ["\$serv->on('start', function (\$serv) { tell(['listens on', 1]); exit(0); });", 0],
    'exit(3) in onStart' => ["\$serv->on('start', function (\$serv) { tell(['listens on', 1]); exit(3); });", 0],
    'a fatal error in onStart' => ["\$serv->on('start', function (\$serv) { tell(['listens on', 1]); trigger_error('planned', E_USER_ERROR); });", 0],
    'an exception in onStart' => ["\$serv->on('start', function (\$serv) { tell(['listens on', 1]); throw new Exception('planned'); });", 15],
    'exit(3) in a timer of the master' => ["\$serv->on('start', function (\$serv) { tell(['listens on', 1]); Swoole\Timer::after(1, fn () => exit(3)); });", 0],
    'exit(5) after start()' => ["register_shutdown_function(fn () => getmypid() === \$serv->master_pid && exit(5));", 15],
    'a worker that does not end' => ["\$serv->set(['max_wait_time' => 0.1]); \$serv->on('workerstart', function () { tell('stuck'); for (;;) usleep(1000); });", 15],
    'a second INT' => ["\$serv->on('workerstart', function () { tell('stuck'); for (;;) usleep(1000); });", [2, 2]],
    'KILL' => ['', 9],
];
foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    putenv("TETHER_SERVER_MODE=$mode");
    foreach ($cases as $case => [$code, $signals]) {
        [$server, $port, $log] = start_server("\$serv->on('receive', fn () => 1);\n$code", [], 'Server');
        if (str_contains($code, 'stuck')) {
            $server->hear();
        }
        foreach (array_filter((array) $signals) as $n => $signal) {
            $n && wait_for(fn () => str_contains(file_get_contents($log), 'shutdown'));
            $server->signal($signal);
        }
        $heard = hear_to_the_end($server);
        $codes[$case][] = end($heard);
    }
}
foreach ($codes as $case => $of) {
    echo "$case: ", implode(', ', array_unique($of)), "\n";
}
?>
--EXPECT--
TERM: 0
INT: 0
shutdown() in a worker: 0
shutdown() in onStart: 0
exit(0) in onStart: 0
exit(3) in onStart: 3
a fatal error in onStart: 255
an exception in onStart: 0
exit(3) in a timer of the master: 3
exit(5) after start(): 5
a worker that does not end: 1
a second INT: 130
KILL: 137
