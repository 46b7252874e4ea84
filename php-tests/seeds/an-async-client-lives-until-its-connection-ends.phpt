--TEST--
The customer's async client outlives the function that made it, and dies when its connection ends
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/seeds.inc';
seeds_enter();

/** Runs the program, calls its function, and says what is held before and after the loop. */
function run(string $program): void
{
    file_put_contents($file = temp_path('.php'), $program);
    $child = run_php(<<<'PHP'
    <?php
    require $file;
    $descriptors = static fn () => count(scandir('/proc/self/fd'));
    // The loop's own descriptors come with its first use.
    Swoole\Timer::after(1, function () use ($descriptors, &$before) {
        $before = $descriptors();
        test();
        $clients = array_filter(Tether\Ledger::rows(), fn ($row) => $row['kind'] === 'client');
        echo 'held after the return: ', implode(array_column($clients, 'class')), "\n";
    });
    Swoole\Event::wait();
    echo 'held after the end: ', Tether\Ledger::count(), ', descriptors ', $descriptors() - $before, "\n";
    PHP, ['file' => $file]);
    $child->wait();
    echo $child->errors(), $child->output();
    while (($said = $child->hear()) !== null) {
        echo "  $said\n";
    }
    echo 'exit code ', $child->exitCode, "\n";
}

$port = seed_port(9501);
echo "nobody listens\n";
run(seed_program('async-client'));

$echo = run_php(<<<'PHP'
<?php
$serv = new Swoole\Server('127.0.0.1', $port);
$serv->set(['worker_num' => 1]);
$serv->on('WorkerStart', fn () => ready());
$serv->on('Receive', fn ($serv, $fd, $reactorId, $data) => $serv->send($fd, $data));
$serv->on('Close', fn ($serv, $fd) => tell('fin'));
$serv->start();
PHP, ['port' => $port]);
$echo->hear();
echo "\nan echo server\n";
run(seed_program('async-client'));
echo $echo->hear(), "\n";

$marked = observed(seed_program('async-client'), [
    '<?php' => MARKS,
    'SWOOLE_ASYNC);' => <<<'PHP'

        $client->mark = new Mark('$client');
        $closures = array_map(fn ($name) => new Mark("$name closure"), ['connect', 'receive', 'error', 'close']);
        [$connect, $receive, $error, $close] = $closures;
        unset($closures);
    PHP,
    "\$client->connect('127.0.0.1', $port);" => "\n    tell('return');",
], [
    '"connect", function($cli) {' => '"connect", function($cli) use ($connect) {',
    '"receive", function($cli, $data){' => '"receive", function($cli, $data) use ($receive) {',
    '"error", function($cli){' => '"error", function($cli) use ($error) {',
    '"close", function($cli){' => '"close", function($cli) use ($close) {',
]);
echo "\nthe same, marked\n";
run($marked);
stop($echo);
echo "\nmarked, nobody listens\n";
run($marked);

// The server may be the one that closes.
$closing = run_php(<<<'PHP'
<?php
$serv = new Swoole\Server('127.0.0.1', $port);
$serv->set(['worker_num' => 1]);
$serv->on('WorkerStart', fn () => ready());
$serv->on('Receive', fn ($serv, $fd) => $serv->close($fd));
$serv->start();
PHP, ['port' => $port]);
$closing->hear();
echo "\nmarked, the server closes\n";
run($marked);
?>
--EXPECT--
nobody listens
held after the return: Swoole\Client
Connect failed
held after the end: 0, descriptors 0
exit code 0

an echo server
held after the return: Swoole\Client
Received: hello world

Connection close
held after the end: 0, descriptors 0
exit code 0
fin

the same, marked
held after the return: Swoole\Client
Received: hello world

Connection close
held after the end: 0, descriptors 0
  return
  $client
  connect closure
  error closure
  close closure
  receive closure
exit code 0

marked, nobody listens
held after the return: Swoole\Client
Connect failed
held after the end: 0, descriptors 0
  return
  $client
  connect closure
  receive closure
  error closure
  close closure
exit code 0

marked, the server closes
held after the return: Swoole\Client
Connection close
held after the end: 0, descriptors 0
  return
  $client
  connect closure
  receive closure
  error closure
  close closure
exit code 0
