--TEST--
The examples: Redis and MySQL count and keep the runs, over TCP and a unix socket
--EXTENSIONS--
tether
--SKIPIF--
<?php require __DIR__ . '/../_support/mysql.inc'; skip_without('redis-server', 'mariadbd', 'mariadb-install-db');
--FILE--
<?php
require __DIR__ . '/run.inc';
require __DIR__ . '/../_support/mysql.inc';

$redis = redis_start();
$mysql = mariadb_start();
foreach (["127.0.0.1:{$mysql->service->port}", "unix:$mysql->socket"] as $address) {
    $example = example('databases', [
        'REDIS' => "127.0.0.1:$redis->port", 'MYSQL' => $address, 'MYSQL_USER' => 'tester', 'MYSQL_PASSWORD' => 'secret',
    ]);
    $example->wait();
    finish($example);
}
$example = example('databases', ['MYSQL' => '127.0.0.1:' . refusing_port()]);
$example->wait();
finish($example);
?>
--EXPECT--
1: it's run 1
MySQL is closed
exit code 0
1: it's run 1
2: it's run 2
MySQL is closed
exit code 0
MySQL failed: Connection refused (111)
MySQL is closed
exit code 0
