--TEST--
Chains of requests, each over a connection of its own, leave memory and descriptors where they were
--EXTENSIONS--
tether
--SKIPIF--
<?php require __DIR__ . '/clients.inc'; skip_without('nginx', 'redis-server');
--FILE--
<?php
require __DIR__ . '/clients.inc';

$nginx = nginx_start();
$redis = redis_start();
$share = match (getenv('TETHER_JUDGE')) { 'valgrind' => 100, 'debug-php' => 20, default => 1 };
final class Chain
{
    public static int $n = 0;
    public static array $measures = [];

    public static function measure(): array
    {
        gc_collect_cycles();
        return ['memory' => memory_get_usage(), 'rss' => rss(), 'descriptors' => fd_count()];
    }
}
function chain(int $port, int $redis_port, array $marks): void
{
    $request = new stdClass;
    $response = new stdClass;
    $cli = new Swoole\Http\Client('127.0.0.1', $port);
    // It captures itself: contract A7.
    $cli->on('close', function () use ($cli) {});
    $cli->post('/dump.php', ['key' => 'value'], function ($cli) use ($request, $response, $port, $redis_port, $marks) {
        $redis = new Swoole\Redis;
        $redis->on('close', function () use ($port, $redis_port, $marks) {
            if (in_array(++Chain::$n, $marks, true)) {
                Chain::$measures[] = Chain::measure();
            }
            if (Chain::$n < end($marks)) {
                chain($port, $redis_port, $marks);
            }
        });
        $redis->connect('127.0.0.1', $redis_port, function ($redis) use ($request, $response, $cli) {
            $redis->get('test_key', function ($redis) use ($request, $response, $cli) {
                $cli->close();
                $redis->close();
            });
        });
    });
}
gc_disable();
chain($nginx->port, $redis->port, [intdiv(1000, $share), intdiv(6000, $share)]);
after_loop(function () {
    [$before, $after] = Chain::$measures;
    foreach (['memory' => 4096, 'rss' => getenv('TETHER_JUDGE') ? PHP_INT_MAX : 1 << 20, 'descriptors' => 0] as $what => $allowed) {
        $grown = $after[$what] - $before[$what];
        echo $what, $grown <= $allowed ? ' where it was' : ": {$before[$what]} -> {$after[$what]}", "\n";
    }
    all_gone();
});
?>
--EXPECT--
memory where it was
rss where it was
descriptors where it was
no tether is left
