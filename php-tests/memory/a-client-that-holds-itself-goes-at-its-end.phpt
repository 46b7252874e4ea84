--TEST--
A client that its own callbacks hold directly goes in the turn of its end, without the collector; any other way it is the collector's (A7)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

gc_disable();

/** A client of its own class whose callbacks are its own. */
trait Own
{
    public function listen(string $how, array $events): void
    {
        foreach ($events as $event) {
            $this->on($event, match ($how) {
                '$this' => function () {},
                'static fn with $this' => fn () => $this,
                'array' => [$this, 'told'],
                'first-class' => $this->told(...),
            });
        }
    }

    public function told() {}
}
final class Holder
{
    public function __construct(public object $client) {}

    public function told() {}
}
class OwnClient extends Swoole\Client { use Own; }
class OwnHttp extends Swoole\Http\Client { use Own; }
class OwnRedis extends Swoole\Redis { use Own; }

function make(string $kind, bool $own): object
{
    return match ($kind) {
        'client' => $own ? new OwnClient(SWOOLE_TCP | SWOOLE_ASYNC) : new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC),
        'http' => $own ? new OwnHttp('127.0.0.1', $GLOBALS['port']) : new Swoole\Http\Client('127.0.0.1', $GLOBALS['port']),
        'redis' => $own ? new OwnRedis : new Swoole\Redis,
    };
}

/** Connects it; the one-shot callback binds it as well. */
function go(string $kind, object $client): WeakReference
{
    $port = $GLOBALS['port'];
    match ($kind) {
        'client' => $client->connect('127.0.0.1', $port, 30),
        'http' => $client->get('/', static function () use ($client) {}),
        'redis' => $client->connect('127.0.0.1', $port, static function () use ($client) {}),
    };
    return WeakReference::create($client);
}

const ON = ['client' => ['connect', 'receive', 'error', 'close'], 'http' => ['connect', 'error', 'close'], 'redis' => ['close']];
$held = [
    'by value' => static function (object $client, array $events) {
        foreach ($events as $event) {
            $client->on($event, static function () use ($client) {});
        }
    },
    'one closure for all' => static function (object $client, array $events) {
        $all = static function () use ($client) {};
        foreach ($events as $event) {
            $client->on($event, $all);
        }
    },
    'by arrow function' => static function (object $client, array $events) {
        foreach ($events as $event) {
            $client->on($event, static fn () => $client);
        }
    },
    'by reference' => static function (object $client, array $events) {
        foreach ($events as $event) {
            // Each closure has a reference that nobody else shares.
            (static function ($client) use ($event) {
                $client->on($event, static function () use (&$client) {});
            })($client);
        }
    },
    'twice in one closure' => static function (object $client, array $events) {
        $other = $client;
        foreach ($events as $event) {
            $client->on($event, static function () use ($client, $other) {});
        }
    },
];
foreach (['$this', 'static fn with $this', 'array', 'first-class'] as $how) {
    $held["own $how"] = static fn (object $client, array $events) => $client->listen($how, $events);
}

/** Why it must stay, and what lets it go. */
$stays = [
    'a closure that is held elsewhere' => static function (object $client, array $events) {
        foreach ($events as $event) {
            $client->on($event, $GLOBALS['elsewhere'] = static function () use ($client) {});
        }
    },
    'a reference that is shared' => static function (object $client, array $events) {
        $shared = $client;
        $GLOBALS['elsewhere'] = &$shared;
        foreach ($events as $event) {
            $client->on($event, static function () use (&$shared) {});
        }
    },
    'through an array' => static function (object $client, array $events) {
        $list = [$client];
        foreach ($events as $event) {
            $client->on($event, static function () use ($list) {});
        }
    },
    'through an object' => static function (object $client, array $events) {
        $holder = new Holder($client);
        foreach ($events as $event) {
            $client->on($event, [$holder, 'told']);
        }
    },
    'by its own property' => static function (object $client, array $events) {
        $client->self = $client;
        foreach ($events as $event) {
            $client->on($event, static function () {});
        }
    },
];

$closes = peer(['after' => 0, 'quiet' => true])->where;
foreach (['client', 'http', 'redis'] as $kind) {
    foreach (['refused' => refusing_port(), 'closed' => $closes] as $end => $port) {
        $failed = false;
        foreach ($held as $name => $hold) {
            $weak = (static function () use ($kind, $hold, $name) {
                $client = make($kind, str_starts_with($name, 'own'));
                $hold($client, ON[$kind]);
                return go($kind, $client);
            })();
            if ($weak->get() === null) {
                echo "$kind, $end, $name: gone before its end\n";
                $failed = true;
            }
            // Gone in the turn of its end.
            turn_until(static fn () => Tether\Ledger::count() === 0);
            if ($weak->get() !== null) {
                echo "$kind, $end, $name: lives on\n";
                $failed = true;
            }
        }
        foreach ($stays as $name => $hold) {
            $weak = (static function () use ($kind, $hold, $name) {
                $client = make($kind, false);
                $hold($client, ON[$kind]);
                return go($kind, $client);
            })();
            turn_until(static fn () => Tether\Ledger::count() === 0);
            if ($weak->get() === null) {
                echo "$kind, $end, $name: was dropped\n";
                $failed = true;
            }
            $GLOBALS['elsewhere'] = null;
            unset($GLOBALS['elsewhere']);
            gc_collect_cycles();
            if ($weak->get() !== null) {
                echo "$kind, $end, $name: is left to nobody\n";
                $failed = true;
            }
        }
        echo "$kind, $end: ", $failed ? 'not as it should' : 'as it should', "\n";
    }
}

// Those that were never connected are the collector's (O5), all of them.
gc_collect_cycles();
$weak = [];
for ($i = 0; $i < 200; $i++) {
    $kind = ['client', 'http', 'redis'][$i % 3];
    $name = array_keys($held)[$i % count($held)];
    $client = make($kind, str_starts_with($name, 'own'));
    $held[$name]($client, ON[$kind]);
    $weak[] = WeakReference::create($client);
}
unset($client);
$alive = static fn () => count(array_filter($weak, static fn ($one) => $one->get() !== null));
echo $alive(), " never connected live, ";
gc_collect_cycles();
echo $alive(), " after the collector\n";
?>
--EXPECT--
client, refused: as it should
client, closed: as it should
http, refused: as it should
http, closed: as it should
redis, refused: as it should
redis, closed: as it should
200 never connected live, 0 after the collector
