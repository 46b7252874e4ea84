--TEST--
Timers, watchers and deferred calls release their callbacks and what those bind (O1, O2)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

gc_disable();
[$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
$run = static function (): void {
    Swoole\Event::wait();
};
foreach ([
    'after' => static function () use ($run) {
        $bound = new stdClass;
        Swoole\Timer::after(1, static function (...$args) use ($bound) {}, $bound);
        $run();
    },
    'after, cleared' => static function () {
        $bound = new stdClass;
        Swoole\Timer::clear(Swoole\Timer::after(1000, static function () use ($bound) {}, $bound));
    },
    'tick, cleared by itself' => static function () use ($run) {
        $bound = new stdClass;
        $bound->times = 0;
        $bound->id = Swoole\Timer::tick(1, static function ($id) use ($bound) {
            if (++$bound->times === 2) {
                Swoole\Timer::clear($id);
            }
        });
        $run();
    },
    'tick, replaced by itself' => static function () use ($run) {
        $id = Swoole\Timer::tick(1, static function ($id) {
            Swoole\Timer::clear($id);
            Swoole\Timer::clear(Swoole\Timer::tick(1, static function () use ($id) {}));
        });
        $run();
    },
    'defer' => static function () use ($run) {
        $bound = new stdClass;
        Swoole\Event::defer(static function () use ($bound) {});
        $run();
    },
    'add and del' => static function () use ($a) {
        $bound = new stdClass;
        Swoole\Event::add($a, static function () use ($bound) {});
        Swoole\Event::del($a);
    },
    'add, del in its callback' => static function () use ($a, $b, $run) {
        $bound = new stdClass;
        Swoole\Event::add($a, static function ($a) use ($bound) {
            fread($a, 1);
            Swoole\Event::del($a);
        });
        fwrite($b, 'x');
        $run();
    },
    'all, and the loop is left' => static function () use ($a, $run) {
        $bound = new stdClass;
        $bound->bound = $bound;
        $bound->bound = null;
        Swoole\Timer::after(5000, static function () use ($bound) {}, $bound);
        Swoole\Timer::tick(5000, static function () use ($bound) {});
        Swoole\Event::add($a, static function () use ($bound) {});
        Swoole\Event::defer(static function () use ($bound) { Swoole\Event::exit(); });
        $run();
    },
] as $name => $once) {
    echo "$name: ", stays_flat($once, 100, 1000) ? 'flat' : 'not flat', "\n";
}
?>
--EXPECT--
after: flat
after, cleared: flat
tick, cleared by itself: flat
tick, replaced by itself: flat
defer: flat
add and del: flat
add, del in its callback: flat
all, and the loop is left: flat
