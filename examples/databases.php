<?php
/**
 * Counts its runs in Redis and keeps a row of each in MySQL or MariaDB, both at once; then lists them.
 *
 *     php -d extension=... examples/databases.php
 *
 * Environment: REDIS (default 127.0.0.1:6379), MYSQL (default 127.0.0.1:3306, or unix:/path), MYSQL_USER,
 * MYSQL_PASSWORD, MYSQL_DATABASE (default test), MYSQL_CA (a file: TLS, for servers that it has signed).
 */
[$redisHost, $redisPort] = explode(':', getenv('REDIS') ?: '127.0.0.1:6379') + [1 => '6379'];
$mysql = getenv('MYSQL') ?: '127.0.0.1:3306';
[$mysqlHost, $mysqlPort] = str_starts_with($mysql, 'unix:') ? [$mysql, '3306'] : explode(':', $mysql) + [1 => '3306'];
$ca = getenv('MYSQL_CA');

$db = new Swoole\MySQL();
$db->on('close', function ($db) {
    echo "MySQL is closed\n";
});
$db->connect([
    'host' => $mysqlHost,
    'port' => (int) $mysqlPort,
    'user' => getenv('MYSQL_USER') ?: 'root',
    'password' => (string) getenv('MYSQL_PASSWORD'),
    'database' => getenv('MYSQL_DATABASE') ?: 'test',
    'charset' => 'utf8mb4',
    'strict_type' => true,
] + ($ca ? ['ssl' => true, 'ssl_cafile' => $ca] : []), function ($db, $connected) use ($redisHost, $redisPort) {
    if (!$connected) {
        echo "MySQL failed: $db->connect_error ($db->connect_errno)\n";
        return;
    }
    $redis = new Swoole\Redis();
    $redis->connect($redisHost, (int) $redisPort, function ($redis, $connected) use ($db) {
        if (!$connected) {
            echo "Redis failed: $redis->errMsg ($redis->errCode)\n";
            $db->close();
            return;
        }
        $redis->incr('runs', function ($redis, $run) use ($db) {
            $redis->close();
            keep($db, $run);
        });
    });
});
// Nothing else holds it: it lives until its connection has ended.
unset($db);

/** One query at a time: each is asked in the callback of the one before. */
function keep(Swoole\MySQL $db, int $run): void
{
    $db->query('CREATE TABLE IF NOT EXISTS runs (run INT PRIMARY KEY, said TEXT)', function ($db) use ($run) {
        $db->begin(function ($db) use ($run) {
            $said = $db->escape("it's run $run");
            $db->query("REPLACE INTO runs VALUES ($run, '$said')", function ($db, $done) {
                if ($done === false) {
                    echo "the row failed: $db->error ($db->errno)\n";
                }
                $db->commit(function ($db) {
                    $db->query('SELECT * FROM runs ORDER BY run', function ($db, $rows) {
                        foreach ($rows as $row) {
                            echo "$row[run]: $row[said]\n";
                        }
                        $db->close();
                    });
                });
            });
        });
    });
}
