--TEST--
max_memory replaces a worker that leaks before it grows far over the limit, of PHP's heap or resident; no request is lost, and its log lines give the figures
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

foreach (['12M', 'rss:' . (int) (rss() / 1024 + 24 * 1024) . 'K'] as $limit) {
    [$server, $port, $log] = start_server(<<<'PHP'
        $serv->on('request', function ($request, $response) {
            static $leak = [];
            // Not a constant, which OPcache would share.
            $leak[] = str_repeat(chr(count($leak) % 256), 30000);
            $response->end((string) getmypid());
        });
        $serv->on('workererror', fn (...$args) => tell(['error', array_slice($args, 1)]));
    PHP, ['worker_num' => 2, 'max_memory' => $limit, 'max_memory_check_interval' => 10]);
    $load = new Load($port, 4);
    $most = 0;
    $load->until(function ($load) use (&$most) {
        foreach (array_slice(array_keys($load->pids), -4) as $pid) {
            $most = max($most, is_alive($pid) ? (int) @rss($pid) : 0);
        }
        return count($load->pids) >= 16;
    }, 60)->end();
    echo 'lost ', json_encode($load->lost), ', leaked over 100 MB: ', json_encode(30000 * $load->answered > 100e6),
        ', no worker over 64 MiB more than this: ', json_encode($most - rss() < 64 << 20), "\n";
    echo json_encode(stop($server)), "\n";
    $lines = file_get_contents($log);
    echo preg_match('~worker #\d \(pid \d+\) is replaced: max_memory, (\d+) KiB used, (\d+) KiB allowed~', $lines, $m), ' ', json_encode((int) $m[1] > (int) $m[2]), ' ',
        preg_match('~ends: max_memory, \d+ KiB used, \d+ KiB allowed; \d+ KiB resident, 0 rows of the ledger left~', $lines), "\n";
}
?>
--EXPECT--
lost [], leaked over 100 MB: true, no worker over 64 MiB more than this: true
0
1 true 1
lost [], leaked over 100 MB: true, no worker over 64 MiB more than this: true
0
1 true 1
