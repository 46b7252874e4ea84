--TEST--
Timers, watchers, jobs, tables, numbers and the Redis server: what cannot be done is said in one line
--EXTENSIONS--
tether
--SKIPIF--
<?php if (getenv('TETHER_JUDGE') === 'valgrind') die('skip: valgrind has descriptors and maps of its own'); ?>
--FILE--
<?php
require __DIR__ . '/../classes/classes.inc';
$none = fn () => null;
$null = fopen('/dev/null', 'r+');
$acts = [
    'a timer of 2^63 ms, which is cleared' => fn () => Swoole\Timer::clear(Swoole\Timer::tick(PHP_INT_MAX, $none)),
    'a timer of 0 ms' => fn () => Swoole\Timer::after(0, $none),
    'a device that cannot be watched' => fn () => Swoole\Event::add($null, $none),
    'a file' => fn () => Swoole\Event::add(fopen(__FILE__, 'r'), $none),
    'a number that is no descriptor' => fn () => Swoole\Event::add(9999, $none),
    'no callback at all' => fn () => Swoole\Event::add(STDIN, null),
    'write of nothing' => fn () => Swoole\Event::write(STDIN, ''),
    'a table without end' => function () {
        $table = new Swoole\Table(1 << 31);
        $table->column('s', Swoole\Table::TYPE_STRING, 1 << 30);
        return $table->create();
    },
    'a channel without end' => fn () => new Swoole\Channel(PHP_INT_MAX),
    'a number that was not constructed' => fn () => (new ReflectionClass('Swoole\Atomic'))->newInstanceWithoutConstructor()->get(),
    'a long that was not constructed' => fn () => (new ReflectionClass('Swoole\Atomic\Long'))->newInstanceWithoutConstructor()->add(1),
    'a pool that was not constructed' => fn () => (new ReflectionClass('Swoole\Process\Pool'))->newInstanceWithoutConstructor()->start(),
    'a buffer of 0 bytes' => fn () => new Swoole\Buffer(0),
    'a buffer of 129 MiB' => fn () => new Swoole\Buffer(129 << 20),
    'SET of a text' => fn () => Swoole\Redis\Server::format(Swoole\Redis\Server::SET, 'text'),
    'MAP of a number' => fn () => Swoole\Redis\Server::format(Swoole\Redis\Server::MAP, 5),
    'format 99' => fn () => Swoole\Redis\Server::format(99, 'x'),
    'threads once there are some' => function () use ($none) {
        Swoole\Async::readFile(__FILE__, $none);
        return Swoole\Async::set(['thread_num' => 3]);
    },
];
foreach ($acts as $name => $do) {
    echo $name, ': ', outcome($do), "\n";
}
Swoole\Event::wait();
// No descriptor is left.
$program = <<<'PHP'
$held = [];
while ($file = @fopen('/dev/null', 'r')) { $held[] = $file; }
$client = new Swoole\Client(SWOOLE_TCP);
foreach ([fn () => new Swoole\Process(fn () => 0), fn () => Swoole\Timer::after(1, fn () => 0), fn () => @$client->connect('127.0.0.1', 1), fn () => $client->errCode,
    fn () => new Swoole\Lock(SWOOLE_FILELOCK, __DIR__ . '/lock'), fn () => new Swoole\Server('127.0.0.1', 0)] as $do) {
    try {
        $got = $do();
        echo is_object($got) ? get_class($got) : json_encode($got), "\n";
    } catch (Throwable $e) {
        echo get_class($e), ': ', $e->getMessage(), "\n";
    }
}
PHP;
$poor = new Process(['/bin/sh', '-c', 'ulimit -n 64; exec "$0" "$@"', ...php_command(), '-r', $program]);
$poor->wait();
echo $poor->output();
?>
--EXPECTF--
a timer of 2^63 ms, which is cleared: true
a timer of 0 ms: The timer's interval must be greater than 0 / false
a device that cannot be watched: Unable to watch the descriptor %d, Error: Operation not permitted[1] / false
a file: The descriptor %d is neither a socket nor a pipe / false
a number that is no descriptor: Unable to use the descriptor 9999, Error: Bad file descriptor[9] / false
no callback at all: A read or a write callback is needed / false
write of nothing: The data is empty / false
a table without end: There is not enough memory for the table / false
a channel without end: Swoole\Exception: No shared memory: Cannot allocate memory
a number that was not constructed: Error: The constructor of the number was not called
a long that was not constructed: Error: The constructor of the number was not called
a pool that was not constructed: Error: The constructor of the pool was not called
a buffer of 0 bytes: Swoole\Exception: The buffer's size must be between 1 and 134217728 bytes
a buffer of 129 MiB: Swoole\Exception: The buffer's size must be between 1 and 134217728 bytes
SET of a text: SET and MAP need an array / false
MAP of a number: SET and MAP need an array / false
format 99: ValueError: Swoole\Redis\Server::format(): Argument #1 ($type) must be one of the constants of Swoole\Redis\Server
threads once there are some: The threads were made before: their number stays / null
Swoole\Exception: No pipe can be made: Too many open files
Error: Unable to create the event loop: Too many open files (os error 24)
false
24
Swoole\Exception: The lock cannot be made: Too many open files
Swoole\Exception: failed to listen server port[127.0.0.1:0], Error: Too many open files[24]
