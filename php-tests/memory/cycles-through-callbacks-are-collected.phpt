--TEST--
What is reachable only through itself is the collector's, for every class that keeps callbacks (O5)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

gc_disable();
trait Keeps
{
    public mixed $kept = null;

    public function holdItself(): void
    {
        $this->on($GLOBALS['event'], function () {});
    }

    public function told() {}
}
class KeepingClient extends Swoole\Client { use Keeps; }
class KeepingHttp extends Swoole\Http\Client { use Keeps; }
class KeepingRedis extends Swoole\Redis { use Keeps; }
class KeepingMySQL extends Swoole\MySQL { use Keeps; }
class KeepingServer extends Swoole\Server { use Keeps; }
class KeepingHttpServer extends Swoole\Http\Server { use Keeps; }
class KeepingRedisServer extends Swoole\Redis\Server { use Keeps; }

$makes = [
    'Client' => ['close', fn () => new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC), fn () => new KeepingClient(SWOOLE_TCP | SWOOLE_ASYNC)],
    'Http\Client' => ['close', fn () => new Swoole\Http\Client('127.0.0.1'), fn () => new KeepingHttp('127.0.0.1')],
    'Redis' => ['close', fn () => new Swoole\Redis, fn () => new KeepingRedis],
    'MySQL' => ['close', fn () => new Swoole\MySQL, fn () => new KeepingMySQL],
    'Server' => ['receive', fn () => new Swoole\Server('127.0.0.1', 0), fn () => new KeepingServer('127.0.0.1', 0)],
    'Http\Server' => ['request', fn () => new Swoole\Http\Server('127.0.0.1', 0), fn () => new KeepingHttpServer('127.0.0.1', 0)],
    'Redis\Server' => ['receive', fn () => new Swoole\Redis\Server('127.0.0.1', 0), fn () => new KeepingRedisServer('127.0.0.1', 0)],
];
$cycles = [
    'use' => static function (object $object, string $event) {
        $object->on($event, static function () use ($object) {});
    },
    'use by reference' => static function (object $object, string $event) {
        $object->on($event, static function () use (&$object) {});
    },
    'an array' => static function (object $object, string $event) {
        $list = [[$object]];
        $object->on($event, static function () use ($list) {});
    },
    'another object' => static function (object $object, string $event) {
        $holder = new stdClass;
        $holder->object = $object;
        $object->on($event, static function () use ($holder) {});
    },
    'a dynamic property' => static function (object $object, string $event) {
        $object->itself = $object;
    },
    'a closure in a dynamic property' => static function (object $object, string $event) {
        $object->itself = static fn () => $object;
    },
    'each other' => static function (object $object, string $event) {
        $other = new ArrayObject([$object]);
        $object->on($event, static function () use ($other) {});
        $object->other = $other;
    },
    'own $this' => static fn (object $object, string $event) => $object->holdItself(),
    'own method' => static fn (object $object, string $event) => $object->on($event, [$object, 'told']),
    'own property' => static function (object $object, string $event) {
        $object->kept = static fn () => $object;
    },
];
foreach ($makes as $class => [$event, $plain, $own]) {
    $wrong = [];
    $weak = [];
    $descriptors = fd_count();
    foreach ($cycles as $name => $tie) {
        $object = str_starts_with($name, 'own') ? $own() : $plain();
        $tie($object, $event);
        $weak[$name] = WeakReference::create($object);
        unset($object);
        if ($weak[$name]->get() === null) {
            $wrong[] = "$name: no cycle";
        }
    }
    gc_collect_cycles();
    foreach ($weak as $name => $one) {
        if ($one->get() !== null) {
            $wrong[] = $name;
        }
    }
    if (fd_count() !== $descriptors) {
        $wrong[] = 'descriptors ' . $descriptors . ' -> ' . fd_count();
    }
    echo $class, ': ', $wrong ? implode(', ', $wrong) : 'all collected', "\n";
}

// A connected one is not garbage: its tether holds it, and with it what it holds.
$port = at('client', 'is silent')[1];
$weak = (static function () use ($port) {
    $holder = new stdClass;
    $client = $holder->client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
    foreach (EVENTS['client'] as $event) {
        $client->on($event, static function ($client) use ($holder, $event) {
            echo "$event\n";
            gc_collect_cycles();
            if ($event === 'connect') {
                Swoole\Event::defer(static fn () => $client->close());
            }
        });
    }
    $client->connect('127.0.0.1', $port, 30);
    return [WeakReference::create($client), WeakReference::create($holder)];
})();
gc_collect_cycles();
var_dump($weak[0]->get() !== null);
Swoole\Event::wait();
var_dump($weak[0]->get() !== null);
gc_collect_cycles();
var_dump($weak[0]->get(), $weak[1]->get());
?>
--EXPECT--
Client: all collected
Http\Client: all collected
Redis: all collected
MySQL: all collected
Server: all collected
Http\Server: all collected
Redis\Server: all collected
bool(true)
connect
close
bool(true)
NULL
NULL
