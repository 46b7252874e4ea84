--TEST--
Each function swoole_timer_*, swoole_event_* and swoole_async_* has the parameters of its static method and does what it does
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../classes/classes.inc';
$names = ['async_dns_lookup' => 'dnsLookup', 'async_readfile' => 'readFile', 'async_writefile' => 'writeFile', 'timer_clear_all' => 'clearAll'];
$shape = fn (ReflectionFunctionAbstract $f) => [(string) $f->getReturnType(), ...array_map(fn ($p) => preg_replace('/^Parameter #\d+ /', '', (string) $p), $f->getParameters())];
$count = 0;
foreach ((new ReflectionExtension('tether'))->getFunctions() as $name => $function) {
    if (preg_match('/^swoole_((timer|event|async)_(\w+))$/', $name, $found)) {
        $method = new ReflectionMethod('Swoole\\' . ucfirst($found[2]), $names[$found[1]] ?? $found[3]);
        if ($shape($function) !== $shape($method)) {
            echo "$name: ", json_encode($shape($function)), ' not ', json_encode($shape($method)), "\n";
        }
        $count++;
    }
}
var_dump($count);

[$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
$path = temp_path();
swoole_async_set(['thread_num' => 1]);
$said = [];
var_dump(is_int(swoole_event_add($near, fn ($near) => $said[] = fread($near, 100))), swoole_event_isset($near), swoole_event_isset($near, SWOOLE_EVENT_WRITE));
var_dump(swoole_event_set($near, function ($near) use (&$said, $path) {
    $said[] = fread($near, 100);
    swoole_event_del($near);
    swoole_async_writefile($path, 'a text', function () use (&$said, $path) {
        swoole_async_read($path, function ($path, $chunk) use (&$said) { $said[] = "read: $chunk"; return $chunk !== ''; }, 3);
    });
}));
var_dump(swoole_event_write($far, 'through the loop'));
swoole_event_defer(function () use (&$said) { $said[] = 'deferred'; });
$turns = 0;
var_dump(swoole_event_cycle(function () use (&$turns) { $turns++; }));
$id = swoole_timer_tick(1000, fn () => null);
$once = swoole_timer_after(1000, fn () => null);
var_dump(swoole_timer_exists($id), iterator_to_array(swoole_timer_list()) === [$id, $once], swoole_timer_clear($id), swoole_timer_clear_all(), swoole_timer_exists($once));
var_dump(swoole_event_dispatch());
swoole_event_wait();
var_dump($turns > 0, swoole_event_cycle(null));
sort($said);
echo implode("\n", $said), "\n";
swoole_timer_tick(1, function () { echo "the loop is left\n"; swoole_event_exit(); });
swoole_event_wait();
swoole_async_dns_lookup('localhost', fn ($host, $ip) => print("$host: $ip\n"));
swoole_event_wait();
var_dump(ledger_empty());
?>
--EXPECT--
int(22)
bool(true)
bool(true)
bool(false)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(false)
bool(true)
bool(true)
bool(false)
deferred
read: 
read: a t
read: ext
through the loop
the loop is left
localhost: 127.0.0.1
bool(true)
