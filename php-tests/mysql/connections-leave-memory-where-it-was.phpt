--TEST--
Swoole\MySQL: connections, results and failures leave memory, descriptors and the ledger where they were
--EXTENSIONS--
tether
--SKIPIF--
<?php require __DIR__ . '/../_support/mysql.inc'; skip_without('mariadbd', 'mariadb-install-db');
--FILE--
<?php
require __DIR__ . '/../_support/mysql.inc';

$server = mariadb_start();
$config = $server->config();
echo stays_flat(static function (int $n): void {
    $client = new Swoole\MySQL();
    $client->on('close', static function ($db) use (&$client): void {});
    // PHP's table of objects grows with how many live at once.
    $n % 100 === 0 && gc_collect_cycles();
}, 1000, 10000) ? "constructed: flat\n" : '';
echo stays_flat(static function (int $n) use ($config): void {
    $client = new Swoole\MySQL();
    $client->on('close', static function (): void {});
    // It captures itself: goes at its end without the collector.
    $client->connect($n % 4 === 3 ? ['password' => 'wrong'] + $config : $config, static function ($db, $ok) use ($client, $n): void {
        if (!$ok) {
            return;
        }
        $client->query("SELECT 1 AS a, REPEAT('x', 1000) AS b UNION SELECT 2, NULL", static function ($db, $rows) use ($client, $n): void {
            $n % 2 ? $client->close() : $client->query('KILL CONNECTION_ID()', static function (): void {});
        });
    });
    Swoole\Event::wait();
}, 300, 1500) ? "connected: flat\n" : '';
$reconnects = 0;
(static function () use ($config, &$reconnects): void {
    $client = new Swoole\MySQL();
    $connected = static function ($client): void {
        $client->close();
    };
    $client->on('close', static function ($client) use ($config, $connected, &$reconnects): void {
        static $memory;
        if (++$reconnects === 100) {
            $memory = memory_get_usage();
        }
        if ($reconnects < 1000) {
            $client->connect($config, $connected);
        } else {
            echo memory_get_usage() - $memory < 4096 ? "reconnecting from onClose: flat\n" : "reconnecting grows\n";
        }
    });
    $client->connect($config, $connected);
})();
Swoole\Event::wait();
echo $reconnects, "\n";
ledger_empty();
?>
--EXPECT--
constructed: flat
connected: flat
reconnecting from onClose: flat
1000
