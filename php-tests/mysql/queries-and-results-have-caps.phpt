--TEST--
Swoole\MySQL: a query and a result have caps: an error and no growth
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/mysql.inc';

$column = "\3def\0\0\0\1n\0\x0c\x2d\0\xff\0\0\0\xfd\0\0\0\0\0";
$result = mysql_packet(1, "\1") . mysql_packet(2, $column) . mysql_packet(3, "\xfe\0\0\2\0");
$rows = '';
for ($i = 0; $i < 100; $i++) {
    $rows .= mysql_packet(4 + $i, "\1x");
}
foreach (['rows' => $result . $rows, 'a row' => $result . mysql_packet(4, "\xfc\xa0\x0f" . str_repeat('x', 4000))] as $name => $answer) {
    $peer = peer(['hello' => mysql_greeting(), 'answers' => [mysql_ok(2), $answer], 'quiet' => true]);
    $client = new Swoole\MySQL();
    $client->on('close', static fn ($client) => print("  close $client->errno\n"));
    $client->connect([
        'host' => '127.0.0.1', 'port' => $peer->where, 'user' => 'u', 'password' => 'p', 'database' => '',
        'timeout' => 10 * patience(), 'socket_buffer_size' => 1000, 'package_max_length' => 2000,
    ], static function ($client) use ($name) {
        var_dump($client->query(str_repeat('x', 1000), static fn () => null));
        $client->query('SELECT', static function ($client, $result) use ($name) {
            echo "$name ", json_encode($result), " $client->errno $client->error ", json_encode($client->connected), "\n";
        });
    });
    $gone = WeakReference::create($client);
    unset($client);
    Swoole\Event::wait();
    var_dump($gone->get());
    ledger_empty();
}
?>
--EXPECTF--

Warning: Swoole\MySQL::query(): The query is longer than socket_buffer_size in %s on line %d
bool(false)
rows false 2020 The result is longer than package_max_length false
  close 2020
NULL

Warning: Swoole\MySQL::query(): The query is longer than socket_buffer_size in %s on line %d
bool(false)
a row false 2020 The result is longer than package_max_length false
  close 2020
NULL
