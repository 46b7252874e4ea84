--TEST--
Swoole\MySQL: a server that is killed ends what waits, an idle connection, and neither for good
--EXTENSIONS--
tether
--SKIPIF--
<?php require __DIR__ . '/../_support/mysql.inc'; skip_without('mariadbd', 'mariadb-install-db');
--FILE--
<?php
require __DIR__ . '/../_support/mysql.inc';

$server = mariadb_start();
$config = $server->config();
$told = [];
$tell = static function (string $line) use (&$told): void {
    $told[] = $line;
};
echo "--- killed by another connection\n";
// The idle one comes back; the busy one gets its answer first: an error, or what the server had till then.
$idle = new Swoole\MySQL();
$idle->on('close', static function ($idle) use ($config, $tell): void {
    $tell('idle closed ' . json_encode($idle->connected));
    if (!isset($idle->again)) {
        $idle->again = true;
        $idle->connect($config, static function ($idle, $ok) use ($tell): void {
            $tell('idle again ' . json_encode($ok));
            $idle->close();
        });
    }
});
$idle->connect($config, static function ($idle) use ($config, $tell): void {
    $idle->query('SELECT CONNECTION_ID() AS id', static function ($idle, $rows) use ($config, $tell): void {
        $busy = new Swoole\MySQL();
        $busy->connect($config, static function ($busy) use ($config, $tell, $rows): void {
            $busy->on('close', static fn () => $tell('busy closed'));
            $busy->query('SELECT CONNECTION_ID() AS id', static function ($busy, $own) use ($config, $tell, $rows): void {
                $busy->query('SELECT SLEEP(60)', static fn () => $tell('busy answered'));
                $killer = new Swoole\MySQL();
                $killer->connect($config, static function ($killer) use ($rows, $own): void {
                    $killer->query("KILL {$own[0]['id']}", static function ($killer) use ($rows): void {
                        $killer->query("KILL {$rows[0]['id']}", static fn ($killer) => $killer->close());
                    });
                });
            });
        });
    });
});
unset($idle);
Swoole\Event::wait();
sort($told);
echo implode("\n", $told), "\n";
ledger_empty();

echo "--- killed by the system\n";
(static function () use ($config, $server): void {
    $client = new Swoole\MySQL();
    $client->on('close', static function ($client): void {
        echo 'close ', json_encode($client->connected), "\n";
    });
    $client->connect($config, static function ($client) use ($server): void {
        $client->query('SELECT SLEEP(60)', static function ($client, $result): void {
            echo json_encode($result), " $client->errno $client->error\n";
            var_dump(@$client->query('SELECT 1', static fn () => null), $client->errno);
        });
        Swoole\Timer::after(50, static fn () => $server->service->process->signal(9));
    });
})();
Swoole\Event::wait();
ledger_empty();
?>
--EXPECT--
--- killed by another connection
busy answered
busy closed
idle again true
idle closed false
idle closed false
--- killed by the system
false 2013 Lost connection to MySQL server during query
bool(false)
int(2006)
close false
