--TEST--
Swoole\Async: exec tells the output and how the command ended; dnsLookup an address; set what its keys do
--EXTENSIONS--
tether
--SKIPIF--
<?php if (getenv('TETHER_JUDGE') === 'valgrind') die('skip: valgrind does not know pidfd_open, which exec() needs'); ?>
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
use Swoole\Async;

$before = fd_count();
$show = fn ($output, $status) => print(strlen($output) . ' ' . md5($output) . ' ' . json_encode($status) . "\n");
$pid = Async::exec('printf "%s" "a  b"; exit 3', $show);
var_dump($pid !== getmypid(), Tether\Ledger::count('reply'));
Swoole\Event::wait();
Async::exec('kill -9 $$', $show);
Swoole\Event::wait();
Async::exec('head -c 3000000 /dev/zero', $show);
Swoole\Event::wait();
Async::exec('/nonexistent 2>/dev/null', $show);
Swoole\Event::wait();
echo "-- its status was taken by somebody else\n";
$pid = Async::exec('echo out', $show);
Swoole\Process::wait();
Swoole\Event::wait();
echo "-- the loop ends before the command\n";
$ref = null;
(function () use (&$ref) {
    $callback = new class { public function __invoke() { echo "never\n"; } };
    $ref = WeakReference::create($callback);
    $GLOBALS['sleeping'] = Async::exec('exec sleep 60', $callback);
})();
Swoole\Timer::after(1, fn () => Swoole\Event::exit());
Swoole\Event::wait();
var_dump($ref->get(), ledger_empty());
// It is another program: it goes on.
var_dump($sleeping > 0 && Swoole\Process::kill($sleeping, SIGKILL));
echo "-- names\n";
Async::dnsLookup('127.0.0.1', function ($host, $ip) { echo "$host: $ip\n"; });
Swoole\Event::wait();
swoole_async_dns_lookup('localhost', function ($host, $ip) { echo "$host: $ip\n"; });
Swoole\Event::wait();
Async::dnsLookup('name.invalid', function ($host, $ip) { echo "$host: ", json_encode($ip), "\n"; });
Swoole\Event::wait();
var_dump(Async::dnsLookup('', 'strlen'), Async::exec('', 'strlen'));
echo "-- settings\n";
swoole_async_set(['thread_num' => 4, 'aio_mode' => 1]);
Async::set(['thread_nun' => 4]);
Async::set(['display_errors' => false]);
var_dump(Async::exec('', 'strlen'), ini_get('swoole.display_errors'));
Async::set(['display_errors' => true]);
try {
    Async::set(['thread_num' => 33]);
} catch (ValueError $e) {
    echo $e->getMessage(), "\n";
}
var_dump(Tether\Ledger::count());
?>
--EXPECTF--
bool(true)
int(1)
4 b5cf57e329bd2a219a57cd31692c2d69 {"code":3,"signal":0}
0 d41d8cd98f00b204e9800998ecf8427e {"code":0,"signal":9}
3000000 c9fc2d3dd83ab67a129ac10b09c9ebbb {"code":0,"signal":0}
0 d41d8cd98f00b204e9800998ecf8427e {"code":127,"signal":0}
-- its status was taken by somebody else
4 fb7792b6596fd12502dd132c0aba0568 false
-- the loop ends before the command
NULL
bool(true)
bool(true)
-- names
127.0.0.1: 127.0.0.1
localhost: 127.0.0.1
name.invalid: ""

Warning: Swoole\Async::dnsLookup(): The name of a host has between 1 and 255 bytes in %s on line %d

Warning: Swoole\Async::exec(): The command is empty or has a null byte in %s on line %d
bool(false)
bool(false)
-- settings

Warning: swoole_async_set(): option "aio_mode" has no effect: files are always worked on by threads in %s on line %d

Warning: Swoole\Async::set(): unknown option "thread_nun", did you mean "thread_num"? in %s on line %d
bool(false)
string(1) "0"
option "thread_num" must be between 1 and 32, 33 given
int(0)
