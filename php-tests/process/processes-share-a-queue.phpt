--TEST--
Swoole\Process: a queue of the system, competing or addressed, its limits and its end
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
use Swoole\Process as P;

echo "-- competing\n";
$workers = [];
for ($i = 0; $i < 3; $i++) {
    $worker = new P(function (P $worker) {
        while (($job = $worker->pop()) !== 'end') {
            $worker->write($job);
        }
    }, false, 1);
    var_dump($worker->useQueue());
    $worker->start();
    $workers[] = $worker;
}
$queue = new P(fn () => 0);
var_dump($queue->useQueue(0, 2), $queue->msgQueueId === $workers[0]->msgQueueId, $queue->msgQueueKey === $workers[0]->msgQueueKey);
for ($i = 1; $i <= 90; $i++) {
    $queue->push(sprintf('%02d', $i));
}
for ($i = 0; $i < 3; $i++) {
    $queue->push('end');
}
for ($i = 0; $i < 3; $i++) {
    P::wait();
}
$done = [];
foreach ($workers as $worker) {
    while ('' !== $part = $worker->read()) {
        $done = array_merge($done, str_split($part, 2));
    }
}
sort($done);
var_dump(array_map('intval', $done) === range(1, 90), $queue->statQueue());

echo "-- addressed\n";
[$a, $b] = [new P(fn () => 0), new P(fn () => 0)];
foreach ([$a, $b] as $one) {
    $one->useQueue($queue->msgQueueKey, 1 | P::IPC_NOWAIT);
}
var_dump($b->push('to b'), $a->push('to a'), $a->statQueue(), $a->pop(), $a->pop(), swoole_last_error(), $b->pop(2));

echo "-- capacity\n";
var_dump($a->useQueue($queue->msgQueueKey, 2 | P::IPC_NOWAIT, 100), $a->push(str_repeat('x', 100)), $a->push('y'), swoole_last_error());

echo "-- refused\n";
var_dump($a->push(''), $a->push(str_repeat('x', 65536)), (new P(fn () => 0))->pop());
foreach ([fn () => $a->useQueue(1, 3), fn () => $a->useQueue(1 << 40)] as $wrong) {
    try {
        $wrong();
    } catch (ValueError $e) {
        echo $e->getMessage(), "\n";
    }
}
var_dump($a->freeQueue(), $a->freeQueue(), $b->push('x'));
?>
--EXPECTF--
-- competing
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
array(2) {
  ["queue_num"]=>
  int(0)
  ["queue_bytes"]=>
  int(0)
}
-- addressed
bool(true)
bool(true)
array(2) {
  ["queue_num"]=>
  int(2)
  ["queue_bytes"]=>
  int(8)
}
string(4) "to a"
bool(false)
int(42)
string(2) "to"
-- capacity
bool(true)
bool(true)
bool(false)
int(11)
-- refused

Warning: Swoole\Process::push(): A message has between 1 and 65535 bytes in %s on line %d

Warning: Swoole\Process::push(): A message has between 1 and 65535 bytes in %s on line %d

Warning: Swoole\Process::pop(): The process uses no queue: call useQueue() first in %s on line %d
bool(false)
bool(false)
bool(false)
Swoole\Process::useQueue(): Argument #2 ($mode) must be 1 (addressed) or 2 (competing), with Swoole\Process::IPC_NOWAIT if wanted
Swoole\Process::useQueue(): Argument #1 ($key) must be a number of 32 bits

Warning: Swoole\Process::freeQueue(): The process uses no queue: call useQueue() first in %s on line %d

Warning: Swoole\Process::push(): The message cannot be queued, Error: %s in %s on line %d
bool(true)
bool(false)
bool(false)
