--TEST--
Process\Pool: messages over a socket, answered, over the workers' pipes and over a queue
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

function package(string $data): string
{
    return pack('N', strlen($data)) . $data;
}
function ask(string $address, array $parts)
{
    $client = stream_socket_client($address);
    foreach ($parts as $part) {
        fwrite($client, $part);
        wait_until_read($client);
    }
    return stream_get_contents($client);
}

echo "-- a socket\n";
$program = <<<'PHP'
<?php
$pool = new Swoole\Process\Pool(2, SWOOLE_IPC_SOCKET);
var_dump($pool->listen($host, $port));
$pool->on('WorkerStart', fn ($pool, $id) => tell($id));
$pool->on('Message', function ($pool, $data) {
    if ($data === 'silent') {
        return;
    }
    if ($data === 'throw') {
        throw new Exception('in a message');
    }
    if ($data === 'later') {
        Swoole\Timer::after(1, fn () => tell(['later', @$pool->write('too late')]));
        return;
    }
    $pool->write('<' . strlen($data) . '>');
    $pool->write(substr($data, 0, 3));
});
tell($pool->start());
PHP;
$port = free_port();
$unix = temp_path('.sock');
foreach ([['127.0.0.1', $port, "tcp://127.0.0.1:$port"], ["unix:$unix", 0, "unix://$unix"]] as [$host, $number, $address]) {
    $pool = run_php($program, ['host' => $host, 'port' => $number]);
    $ids = [$pool->hear(), $pool->hear()];
    sort($ids);
    echo json_encode($ids), "\n";
    var_dump(ask($address, [package('hello')]) === package('<5>hel'));
    $large = package(str_repeat('x', 300000));
    var_dump(ask($address, [substr($large, 0, 2), substr($large, 2, 100), substr($large, 102)]) === package('<300000>xxx'));
    var_dump(ask($address, [package('silent')]), ask($address, [pack('N', 1 << 30)]), ask($address, [package('throw')]));
    var_dump(ask($address, [package('later')]), $pool->hear());
    $pool->signal(15);
    var_dump($pool->hear(), $pool->wait());
    var_dump(str_contains($pool->errors() . $pool->output(), 'Uncaught Exception: in a message'));
}
var_dump(file_exists($unix));

echo "-- pipes of the workers\n";
$pool = run_php(<<<'PHP'
<?php
$pool = new Swoole\Process\Pool(2, SWOOLE_IPC_UNIXSOCK);
$pool->on('WorkerStart', function ($pool, $id) {
    if ($id === 0) {
        $pool->getProcess(1)->write('from 0 to 1');
        $pool->getProcess(1)->write('and again');
    }
});
$pool->on('Message', function ($pool, $data) { tell([$pool->getProcess()->id, $data]); });
tell($pool->start());
PHP);
echo json_encode([$pool->hear(), $pool->hear()]), "\n";
$pool->signal(15);
var_dump($pool->hear());

echo "-- a queue\n";
$key = random_int(1 << 20, 1 << 30);
$queue = new Swoole\Process(fn () => 0);
$queue->useQueue($key);
$pool = run_php(<<<'PHP'
<?php
$pool = new Swoole\Process\Pool(2, SWOOLE_IPC_MSGQUEUE, $key);
$pool->on('Message', function ($pool, $data) { tell($data); });
$pool->on('WorkerStop', function ($pool, $id) { tell('stop'); });
tell($pool->start());
PHP, ['key' => $key]);
for ($i = 0; $i < 20; $i++) {
    $queue->push("job $i");
}
$jobs = [];
for ($i = 0; $i < 20; $i++) {
    $jobs[] = (int) substr($pool->hear(), 4);
}
sort($jobs);
var_dump($jobs === range(0, 19), $queue->statQueue()['queue_num']);
$pool->signal(15);
echo json_encode([$pool->hear(), $pool->hear(), $pool->hear(), $pool->wait()]), "\n";
$queue->freeQueue();
?>
--EXPECT--
-- a socket
[0,1]
bool(true)
bool(true)
string(0) ""
string(0) ""
string(0) ""
string(0) ""
array(2) {
  [0]=>
  string(5) "later"
  [1]=>
  bool(false)
}
bool(true)
int(0)
bool(true)
[0,1]
bool(true)
bool(true)
string(0) ""
string(0) ""
string(0) ""
string(0) ""
array(2) {
  [0]=>
  string(5) "later"
  [1]=>
  bool(false)
}
bool(true)
int(0)
bool(true)
bool(false)
-- pipes of the workers
[[1,"from 0 to 1"],[1,"and again"]]
bool(true)
-- a queue
bool(true)
int(0)
["stop","stop",true,0]
