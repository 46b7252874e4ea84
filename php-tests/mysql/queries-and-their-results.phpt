--TEST--
Swoole\MySQL: what a query gives: rows of strings, true, or false with the server's error
--EXTENSIONS--
tether
--SKIPIF--
<?php require __DIR__ . '/../_support/mysql.inc'; skip_without('mariadbd', 'mariadb-install-db');
--FILE--
<?php
require __DIR__ . '/../_support/mysql.inc';

$server = mariadb_start(['max-allowed-packet' => '128M']);

/** Runs queries one after the other on a connection of its own; each result goes to its callback. */
function queries(array $config, array $queries): void
{
    $client = new Swoole\MySQL();
    $client->connect($config, static function ($client, $ok) use ($queries): void {
        if (!$ok) {
            echo "$client->connect_errno $client->connect_error\n";
            return;
        }
        $next = static function ($client) use (&$queries, &$next): void {
            if (!$queries) {
                $client->close();
                return;
            }
            [$sql, $tell] = array_shift($queries);
            $client->query($sql, static function ($client, $result) use ($tell, $next): void {
                $tell($client, $result);
                $next($client);
            });
        };
        $next($client);
    });
    Swoole\Event::wait();
    gc_collect_cycles();
}

$json = static function ($client, $result): void {
    echo json_encode($result), "\n";
};
$done = static function ($client, $result): void {
    echo json_encode($result), " id $client->insert_id affected $client->affected_rows\n";
};
$failed = static function ($client, $result): void {
    echo json_encode($result), " $client->errno ", substr($client->error, 0, 30), "\n";
};
$types = "SELECT 1 AS i, -5 AS n, 18446744073709551615 AS big, 1.5 AS d, 1.5e0 AS f, 'x' AS s, NULL AS nothing, '' AS empty";
echo "--- text\n";
queries($server->config(), [
    [$types, $json],
    ["SELECT 1, 'a' AS x, 'b' AS x", $json],
    ['CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v TEXT)', $done],
    ["INSERT INTO t (v) VALUES ('a'), ('b')", $done],
    ["UPDATE t SET v = 'c'", $done],
    ['SELECT * FROM t ORDER BY id', $json],
    ['SELECT * FROM t WHERE id < 0', $json],
    ['SELEKT', $failed],
    // As it was: a later success does not clear it.
    ['DO 1', $failed],
    ['CREATE PROCEDURE two() BEGIN SELECT 1 AS a; SELECT 2 AS b; END', $json],
    ['CALL two()', $json],
    ['SELECT 3 AS after_two', $json],
    ['CREATE PROCEDURE fails() BEGIN SELECT 1 AS a; SIGNAL SQLSTATE "45000" SET MESSAGE_TEXT = "later"; END', $json],
    ['CALL fails()', $failed],
    ['SELECT 1; SELECT 2', $failed],
    ["LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE t (v)", $failed],
    ['SELECT COUNT(*) AS n FROM t', $json],
]);
echo "--- strict\n";
queries($server->config(['strict_type' => true]), [[$types, $json]]);
echo "--- big\n";
$size = static function ($client, $result): void {
    echo is_array($result) ? count($result) . ' rows, ' . strlen(current($result[0])) : $client->error, "\n";
};
queries($server->config(), [
    ["SELECT REPEAT('x', 20000000)", $size],
    ["SELECT LENGTH('" . str_repeat('y', 20000000) . "') AS sent", $json],
    ['SELECT seq FROM seq_1_to_50000', $size],
]);
echo "--- charset\n";
queries($server->config(['charset' => 'latin1']), [["SELECT HEX('\xe9') AS x, @@character_set_client AS c", $json]]);
queries($server->config(['charset' => 'utf8mb4']), [["SELECT HEX('\u{1F600}') AS x, @@character_set_client AS c", $json]]);
echo "--- logins\n";
queries($server->config(['host' => "unix:$server->socket"]), [['SELECT CURRENT_USER() AS u', $json]]);
queries($server->config(['user' => 'nobody', 'password' => '', 'database' => '']), [['SELECT DATABASE() AS d', $json]]);
queries($server->config(['password' => 'wrong']), []);
queries($server->config(['database' => 'nowhere']), []);
ledger_empty();
?>
--EXPECT--
--- text
[{"i":"1","n":"-5","big":"18446744073709551615","d":"1.5","f":"1.5","s":"x","nothing":null,"empty":""}]
[{"1":"1","x":"b"}]
true id 0 affected 0
true id 1 affected 2
true id 0 affected 2
[{"id":"1","v":"c"},{"id":"2","v":"c"}]
[]
false 1064 You have an error in your SQL 
true 1064 You have an error in your SQL 
true
[{"a":"1"}]
[{"after_two":"3"}]
true
false 1644 later
false 1064 You have an error in your SQL 
false 4166 The used command is not allowe
[{"n":"2"}]
--- strict
[{"i":1,"n":-5,"big":"18446744073709551615","d":"1.5","f":1.5,"s":"x","nothing":null,"empty":""}]
--- big
1 rows, 20000000
[{"sent":"20000000"}]
50000 rows, 1
--- charset
[{"x":"E9","c":"latin1"}]
[{"x":"F09F9880","c":"utf8mb4"}]
--- logins
[{"u":"tester@%"}]
[{"d":null}]
1045 Access denied for user 'tester'@'127.0.0.1' (using password: YES)
1049 Unknown database 'nowhere'
