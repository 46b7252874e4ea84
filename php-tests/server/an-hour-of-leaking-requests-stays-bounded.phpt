--TEST--
30,000 requests to code that leaks into a static, under max_memory: no request is lost, and no process of the server grows beyond its bound
--EXTENSIONS--
tether
--INI--
memory_limit=256M
--SKIPIF--
<?php
if (getenv('TETHER_JUDGE') === 'valgrind') {
    die('skip too many requests for valgrind, and memory is not what it is elsewhere');
}
?>
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port, $log] = start_server(<<<'PHP'
    $serv->on('request', function ($request, $response) {
        static $leak = [];
        // Not a constant, which OPcache would share.
        $leak[] = str_repeat(chr(count($leak) % 256), 4000);
        $response->end((string) getmypid());
    });
    $serv->on('workererror', fn (...$args) => tell(['error', array_slice($args, 1)]));
PHP, ['worker_num' => 2, 'max_memory' => '10M', 'max_memory_check_interval' => 10]);
$load = new Load($port, 16);
$load->more(500);
$masters = [$server->pid];
$before = array_map('rss', $masters);
$descriptors = count(scandir("/proc/$server->pid/fd"));
$most = 0;
$next = 0;
$load->until(function ($load) use (&$most, &$next) {
    if ($load->answered >= $next) {
        $next = $load->answered + 250;
        foreach (array_slice(array_keys($load->pids), -4) as $pid) {
            $most = max($most, is_alive($pid) ? (int) @rss($pid) : 0);
        }
    }
    return $load->answered >= 30000;
}, 120)->end();
$grown = rss($server->pid) - $before[0];
echo 'lost ', json_encode($load->lost), ', workers ', count($load->pids) > 10 ? 'more than 10' : count($load->pids), "\n";
// 30,000 requests leak 120 MB.
echo 'a worker: ', $most - rss() < 48 << 20 ? 'bounded' : "$most", ', the master: ', $grown < 2 << 20 ? 'flat' : "$grown more",
    ', its descriptors: ', count(scandir("/proc/$server->pid/fd")) - $descriptors <= 2 ? 'flat' : 'more', "\n";
var_dump(stop($server), substr_count(file_get_contents($log), 'WARNING'));
?>
--EXPECT--
lost [], workers more than 10
a worker: bounded, the master: flat, its descriptors: flat
int(0)
int(0)
