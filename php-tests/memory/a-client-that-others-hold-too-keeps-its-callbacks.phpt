--TEST--
A client without a connection that somebody besides its own callbacks holds keeps those callbacks: they are called at its next end (A7)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

/** How the callback of the end holds its client, and who else does. `$elsewhere` is all that is kept. */
$holds = [
    'the closure is held elsewhere' => static function (object $client, string $event, mixed &$elsewhere) {
        $elsewhere = static function () use ($client, $event) { told($event); };
        $client->on($event, $elsewhere);
    },
    'the reference is shared' => static function (object $client, string $event, mixed &$elsewhere) {
        $shared = $client;
        $elsewhere = [&$shared];
        $client->on($event, static function () use (&$shared, $event) { told($event); });
    },
    'a variable holds it' => static function (object $client, string $event, mixed &$elsewhere) {
        $elsewhere = $client;
        $client->on($event, static function () use ($client, $event) { told($event); });
    },
    'another closure holds it' => static function (object $client, string $event, mixed &$elsewhere) {
        $elsewhere = static fn () => $client;
        $client->on($event, static function () use ($client, $event) { told($event); });
    },
];

function told(string $event): void
{
    global $told;
    $told[] = $event;
}

function go(object $client, int $port): void
{
    match (true) {
        $client instanceof Swoole\Client => $client->connect('127.0.0.1', $port, 5 * patience()),
        $client instanceof Swoole\Http\Client => $client->get('/', static function () {}),
        $client instanceof Swoole\Redis => $client->connect('127.0.0.1', $port, static function () {}),
    };
}

$closes = peer(['after' => 0, 'quiet' => true])->where;
$makes = [
    ['close', $closes, static function () {
        $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
        foreach (['connect', 'receive', 'error'] as $event) {
            $client->on($event, static function () {});
        }
        return $client;
    }],
    ['error', refusing_port(), static fn () => new Swoole\Http\Client('127.0.0.1', $GLOBALS['makes'][1][1])],
    ['close', $closes, static fn () => new Swoole\Redis],
];
foreach ($makes as [$event, $port, $make]) {
    foreach ($holds as $how => $hold) {
        $told = [];
        $elsewhere = null;
        $client = $make();
        $hold($client, $event, $elsewhere);
        $weak = WeakReference::create($client);
        go($client, $port);
        unset($client);
        for ($time = 0; $time < 2; $time++) {
            while (Tether\Ledger::count() > 0) {
                Swoole\Event::dispatch();
            }
            // Two more turns, in which the engine may look at it.
            for ($turn = 0; $turn < 2; $turn++) {
                Swoole\Event::defer(static function () {});
                Swoole\Event::dispatch();
            }
            if ($time === 0 && $weak->get() !== null) {
                go($weak->get(), $port);
            }
        }
        echo get_class($weak->get() ?? new stdClass), ', ', $how, ': ', implode(' ', $told);
        $elsewhere = null;
        gc_collect_cycles();
        echo $weak->get() === null ? ", gone\n" : ", lives on\n";
    }
}

// Another object in the place of one that the engine was still to look at is not taken for it.
$closed = $makes[0][2]();
$closed->on('close', static function ($closed) {
    $GLOBALS['kept'] = $closed;
    Swoole\Event::defer('take_its_place');
});
function take_its_place(): void
{
    global $kept, $weak, $makes;
    $id = spl_object_id($kept);
    $kept = null;
    $new = $makes[0][2]();
    echo spl_object_id($new) === $id ? 'in its place: ' : 'elsewhere: ';
    $new->on('close', static function () use ($new) {});
    $weak = WeakReference::create($new);
}
go($closed, $closes);
unset($closed);
Swoole\Event::defer(static function () {});
while (Tether\Ledger::count() > 0) {
    Swoole\Event::dispatch();
}
echo $weak->get() === null ? 'dropped' : 'left to the collector', "\n";
var_dump(gc_collect_cycles() > 0, $weak->get(), ledger_empty());
?>
--EXPECT--
Swoole\Client, the closure is held elsewhere: close close, gone
Swoole\Client, the reference is shared: close close, gone
Swoole\Client, a variable holds it: close close, gone
Swoole\Client, another closure holds it: close close, gone
Swoole\Http\Client, the closure is held elsewhere: error error, gone
Swoole\Http\Client, the reference is shared: error error, gone
Swoole\Http\Client, a variable holds it: error error, gone
Swoole\Http\Client, another closure holds it: error error, gone
Swoole\Redis, the closure is held elsewhere: close close, gone
Swoole\Redis, the reference is shared: close close, gone
Swoole\Redis, a variable holds it: close close, gone
Swoole\Redis, another closure holds it: close close, gone
in its place: left to the collector
bool(true)
NULL
bool(true)
