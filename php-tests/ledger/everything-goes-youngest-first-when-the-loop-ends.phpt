--TEST--
Where the loop ends everything goes before wait() returns, the youngest row first (F4)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\{Client, Event, Timer};
use Tether\Ledger;

class Loud
{
    public function __construct(private string $name) {}
    public function __destruct()
    {
        echo "~{$this->name}\n";
    }
}
$hold = static function (string $name): Closure {
    $loud = new Loud($name);
    return static function () use ($loud) {};
};
$client = static function (string $name) use ($hold, &$peer): void {
    $client = new Client(SWOOLE_SOCK_TCP | SWOOLE_ASYNC);
    $client->on('connect', $hold($name));
    $client->on('error', static function () {});
    $client->on('close', static function () {});
    $client->connect('127.0.0.1', $peer->where);
};
$peer = silent_peer();
[$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
Timer::after(5000, $hold('timer 1'));
$client('client 2');
Event::add($near, $hold('watcher 3'));
Event::cycle($hold('cycle 4'));
Timer::tick(5000, $hold('timer 5'));
$client('client 6');
Timer::after(1, static function () use ($hold) {
    Event::exit();
    Event::defer($hold('deferred in the turn'));
});
$weak = $hold('made by a destructor');
Timer::after(5000, static function () {}, new class ($weak) {
    public function __construct(private $callback) {}
    public function __destruct()
    {
        Timer::after(1, $this->callback);
    }
});
unset($weak);
Event::wait();
echo "wait() has returned\n";
var_dump(ledger_empty());
?>
--EXPECT--
~deferred in the turn
~client 6
~timer 5
~cycle 4
~watcher 3
~client 2
~timer 1
~made by a destructor
wait() has returned
bool(true)
