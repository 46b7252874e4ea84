--TEST--
Swoole\MySQL: transactions, quoting, and what is refused
--EXTENSIONS--
tether
--SKIPIF--
<?php require __DIR__ . '/../_support/mysql.inc'; skip_without('mariadbd', 'mariadb-install-db');
--FILE--
<?php
require __DIR__ . '/../_support/mysql.inc';

set_error_handler(static function (int $level, string $text): bool {
    echo "warning: $text\n";
    return true;
});
function thrown(Closure $do): void
{
    try {
        var_dump($do());
    } catch (Swoole\MySQL\Exception $e) {
        echo get_class($e), ' ', $e->getCode(), ': ', $e->getMessage(), "\n";
    } catch (Throwable $e) {
        echo get_class($e), ': ', $e->getMessage(), "\n";
    }
}
$nothing = static function (): void {};
$client = new swoole_mysql();
echo "--- configuration\n";
$config = [];
foreach (['host' => '127.0.0.1', 'user' => 'u', 'password' => '', 'database' => ''] as $key => $value) {
    thrown(static fn () => $client->connect($config, $nothing));
    $config[$key] = $value;
}
thrown(static fn () => $client->connect(['charset' => 'klingon'] + $config, $nothing));
thrown(static fn () => $client->connect(['host' => ''] + $config, $nothing));
thrown(static fn () => $client->connect(['user' => "a\0b"] + $config, $nothing));
thrown(static fn () => $client->connect(['port' => 0] + $config, $nothing));
thrown(static fn () => ($other = new Swoole\MySQL)->connect(['fetch_mode' => true] + $config, $nothing) && $other->close());
thrown(static fn () => $client->connect($config, 'no_such_function'));
echo "--- not connected\n";
thrown(static fn () => $client->query('SELECT 1', $nothing));
thrown(static fn () => $client->query('', $nothing));
thrown(static fn () => $client->begin($nothing));
thrown(static fn () => $client->escape('a'));
thrown(static fn () => $client->close());
thrown(static fn () => $client->on('connect', $nothing));
thrown(static fn () => $client->on('Close', $nothing));
var_dump($client->errno, $client->connected, $client->getState(), Tether\Ledger::count());
unset($client);

$server = mariadb_start();
$client = new Swoole\MySQL();
$client->on('close', static function ($client): void {
    echo 'close ', json_encode($client->connected), ' ', $client->getState() === Swoole\MySQL::STATE_CLOSED ? 'closed' : 'open', "\n";
});
$config = $server->config(['charset' => 'utf8']);
$steps = [
    static function ($client, $next): void {
        echo "--- connected\n";
        var_dump($client->connected, $client->sock > 2, $client->serverInfo['user'], $client->getState() === Swoole\MySQL::STATE_QUERY);
        thrown(static fn () => $client->connect($client->serverInfo, $next));
        thrown(static fn () => $client->commit($next));
        thrown(static fn () => $client->rollback($next));
        var_dump($client->escape("it's \"\0\n\r\\\x1a"));
        $client->query('CREATE TABLE t (v TEXT) ENGINE=InnoDB', $next);
        thrown(static fn () => $client->query('SELECT 1', $next));
        thrown(static fn () => $client->begin($next));
        var_dump($client->getState() === Swoole\MySQL::STATE_READ_START);
    },
    static fn ($client, $next) => $client->begin($next),
    static function ($client, $next): void {
        thrown(static fn () => $client->begin($next));
        $client->query("INSERT INTO t VALUES ('" . $client->escape("a'); DROP TABLE t; -- ") . "')", $next);
    },
    static fn ($client, $next) => $client->rollback($next),
    static fn ($client, $next) => $client->begin($next),
    static fn ($client, $next) => $client->query("INSERT INTO t VALUES ('" . $client->escape("it's \\ kept") . "')", $next),
    static fn ($client, $next) => $client->commit($next),
    static fn ($client, $next) => $client->query('SELECT * FROM t', $next),
    static fn ($client, $next) => $client->query("SET sql_mode = 'NO_BACKSLASH_ESCAPES'", $next),
    static function ($client, $next): void {
        var_dump($client->escape("it's \\"));
        var_dump($client->close());
        thrown(static fn () => $client->query('SELECT 1', $next));
        var_dump($client->errno);
    },
];
$next = static function ($client, $result = null) use (&$steps, &$next): void {
    if (is_array($result)) {
        echo json_encode($result), "\n";
    }
    array_shift($steps)($client, $next);
};
var_dump($client->connect($config, $next));
Swoole\Event::wait();
// It holds itself.
$next = null;
ledger_empty();
?>
--EXPECT--
--- configuration
Swoole\MySQL\Exception 11: HOST parameter is required.
Swoole\MySQL\Exception 11: USER parameter is required.
Swoole\MySQL\Exception 11: PASSWORD parameter is required.
Swoole\MySQL\Exception 11: DATABASE parameter is required.
Swoole\MySQL\Exception 11: unknown charset [klingon].
Swoole\MySQL\Exception 2: connect to mysql server[:3306] failed.
ValueError: option "user" must not contain any null bytes
ValueError: option "port" must be between 1 and 65535, 0 given
warning: Swoole\MySQL::connect(): option "fetch_mode" has no effect: the result is always given to the callback
bool(true)
TypeError: Swoole\MySQL::connect(): Argument #2 ($callback) must be a valid callback, function "no_such_function" not found or invalid function name
--- not connected
warning: Swoole\MySQL::query(): The client is not connected
bool(false)
warning: Swoole\MySQL::query(): The query is empty
bool(false)
warning: Swoole\MySQL::begin(): The client is not connected
bool(false)
warning: Swoole\MySQL::escape(): The client is not connected
bool(false)
warning: Swoole\MySQL::close(): The client is not connected
bool(false)
warning: Swoole\MySQL::on(): Unknown event 'connect'
bool(false)
bool(true)
int(0)
bool(false)
int(0)
int(0)
bool(true)
--- connected
bool(true)
bool(true)
string(6) "tester"
bool(true)
warning: Swoole\MySQL::connect(): The client is already connected
bool(false)
Swoole\MySQL\Exception 22: There is no active transaction.
Swoole\MySQL\Exception 22: There is no active transaction.
string(18) "it\'s \"\0\n\r\\\Z"
warning: Swoole\MySQL::query(): The client is waiting for the answer to another query: one query at a time and connection
bool(false)
warning: Swoole\MySQL::begin(): The client is waiting for the answer to another query: one query at a time and connection
bool(false)
bool(true)
Swoole\MySQL\Exception 21: There is already an active transaction.
[{"v":"it's \\ kept"}]
string(7) "it''s \"
close false closed
bool(true)
warning: Swoole\MySQL::query(): The client is not connected
bool(false)
int(2006)
