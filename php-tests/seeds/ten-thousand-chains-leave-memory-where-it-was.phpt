--TEST--
10,000 of the customer's nested chains leave memory, descriptors and ledger where they were
--EXTENSIONS--
tether
--SKIPIF--
<?php
require __DIR__ . '/../_support/harness.inc';
skip_without('nginx', 'redis-server');
?>
--FILE--
<?php
require __DIR__ . '/seeds.inc';
seeds_enter();
$nginx = nginx_start(port: seed_port(80));
$redis = redis_start(seed_port(6379));
raw_request(seed_port(6379), "SET test_key some-value\r\n", "+OK");

$server = run_php(observed(seed_program('nested-chain'), [
    'Server("127.0.0.1", ' . seed_port(9502) . ');' => ONE_WORKER,
    'function($request, $response) {' => <<<'PHP'

        if ($request->server['request_uri'] === '/measure') {
            gc_collect_cycles();
            return $response->end(json_encode([
                'memory' => memory_get_usage(),
                'ledger' => Tether\Ledger::tree(),
                'count' => Tether\Ledger::count(),
            ]));
        }
    PHP,
]));
$worker = $server->hear()['worker'];

// A few connections that stay, each with requests in a pipeline.
$connections = array_map(fn () => dial(seed_port(9502)), range(1, 8));
$chains = function (int $wanted) use ($connections): int {
    $pipeline = 5;
    $right = 0;
    for ($done = 0; $done < $wanted; $done += $pipeline * count($connections)) {
        foreach ($connections as $stream) {
            write_all($stream, str_repeat("GET / HTTP/1.1\r\nHost: h\r\n\r\n", $pipeline));
        }
        foreach ($connections as $stream) {
            $got = read_until($stream, fn ($got) => substr_count($got, '</h1>') === $pipeline);
            $right += substr_count($got, '<h1>some-value</h1>');
        }
    }
    return $right;
};
$measure = function () use ($worker): array {
    $measured = json_decode(http_get(seed_port(9502), '/measure')['body'], true);
    return $measured + ['rss' => rss($worker), 'descriptors' => descriptors_settle($worker)];
};
$share = match (getenv('TETHER_JUDGE')) {
    'valgrind' => 100,
    'debug-php' => 10,
    default => 1,
};
$measure();
var_dump($chains(1000 / $share) >= 1000 / $share);
$before = $measure();
var_dump($chains(10000 / $share) >= 10000 / $share);
$after = $measure();

if ($before['count'] + $after['count'] > 0) {
    echo $after['ledger'], "\n";
}
foreach (['memory' => 4096, 'rss' => 1 << 20, 'descriptors' => 0] as $what => $allowed) {
    $grown = $after[$what] - $before[$what];
    $judged = $what === 'rss' && $share > 1;
    echo $what, $grown <= $allowed || $judged ? ' is where it was' : " grew by $grown from {$before[$what]}", "\n";
}
echo 'exit code ', stop($server), "\n";
?>
--EXPECT--
bool(true)
bool(true)
memory is where it was
rss is where it was
descriptors is where it was
exit code 0
