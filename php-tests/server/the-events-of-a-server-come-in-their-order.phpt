--TEST--
The events of a server come in their order, each in its process; code after start() runs in the master alone
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

$server = run_php(<<<'PHP'
<?php
$serv = new Swoole\Server('127.0.0.1', 0);
$serv->set(['worker_num' => 1, 'log_file' => '/dev/null']);
$say = function (string $event, ...$more) use ($serv) {
    $here = getmypid() === $serv->master_pid ? 'master' : (getmypid() === $serv->worker_pid ? 'worker' : '?');
    tell("$here $event" . ($more ? ' ' . json_encode($more) : ''));
};
$managing = new Swoole\Atomic();
$serv->on('Start', fn (...$args) => $say('start', $args === [$serv]));
$serv->on('managerStart', function (...$args) use ($say, $serv, $managing) {
    $say('managerStart', $args === [$serv]);
    $managing->wakeup();
});
$serv->on('WORKERSTART', function (...$args) use ($say, $serv, $managing) {
    // The master goes first: what it told last was managerStart.
    $managing->wait(-1);
    $say('workerStart', $args === [$serv, 0]);
    register_shutdown_function(fn () => $say('own shutdown function'));
    tell($serv->port);
});
$serv->on('connect', fn ($s, ...$more) => $say('connect', ...$more));
$serv->on('receive', function ($s, ...$more) use ($say) {
    $say('receive', ...$more);
    $s->send($more[0], $more[2]);
});
$serv->on('close', fn ($s, ...$more) => $say('close', ...$more));
$serv->on('workerStop', fn (...$args) => $say('workerStop', $args === [$serv, 0]));
$serv->on('workerError', fn () => $say('workerError'));
$serv->on('managerStop', fn (...$args) => $say('managerStop', $args === [$serv]));
$serv->on('shutdown', fn (...$args) => $say('shutdown', $args === [$serv]));
register_shutdown_function(fn () => $say('shutdown function'));
final class Witness
{
    function __destruct()
    {
        tell(($this->say ?? 'a') . ' witness goes');
    }
}
$witness = new Witness;
$result = $serv->start();
$say('after start', $result);
PHP);

while (!is_int($word = $server->hear())) {
    echo $word, "\n";
}
foreach ([1, 2] as $n) {
    $stream = dial($word);
    raw_request($stream, "hello $n", "hello $n");
    echo $server->hear(), "\n", $server->hear(), "\n";
    fclose($stream);
    echo $server->hear(), "\n";
}
$server->signal(15);
echo implode("\n", hear_to_the_end($server)), "\n";
?>
--EXPECT--
master start [true]
master managerStart [true]
worker workerStart [true]
worker connect [1,0]
worker receive [1,0,"hello 1"]
worker close [1,0]
worker connect [2,0]
worker receive [2,0,"hello 2"]
worker close [2,0]
worker workerStop [true]
worker shutdown function
worker own shutdown function
a witness goes
master managerStop [true]
master shutdown [true]
master after start [true]
master shutdown function
a witness goes
0
