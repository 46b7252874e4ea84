--TEST--
Swoole\MySQL and Swoole\Redis with ssl: the login under TLS, big answers, a server that is not to be trusted
--EXTENSIONS--
tether
--INI--
memory_limit=256M
--SKIPIF--
<?php
require __DIR__ . '/../_support/mysql.inc';
skip_without('openssl', 'mariadbd', 'mariadb-install-db', 'redis-server');
str_contains((string) shell_exec('redis-server --tls-port 0 --port 0 --version 2>&1'), 'TLS') && die('skip redis-server without TLS');
--FILE--
<?php
require __DIR__ . '/../_support/mysql.inc';
require_once __DIR__ . '/../_support/certificates.inc';

$mysql = static function (array $config): void {
    $client = new Swoole\MySQL();
    $client->on('close', static fn () => print("close\n"));
    $client->connect($config, static function ($client, $ok): void {
        if (!$ok) {
            echo "$client->connect_errno $client->connect_error\n";
            return;
        }
        $client->query("SHOW STATUS LIKE 'Ssl_version'", static function ($client, $rows): void {
            echo json_encode($rows), "\n";
            $client->query("SELECT REPEAT('x', 8000000) AS x", static function ($client, $rows): void {
                echo strlen($rows[0]['x']), "\n";
                $client->close();
            });
        });
    });
    $gone = WeakReference::create($client);
    unset($client);
    Swoole\Event::wait();
    $gone->get() && print("it lives on\n");
    ledger_empty();
};
[$certificate, $key] = certificate('good');
$server = mariadb_start(['ssl-cert' => $certificate, 'ssl-key' => $key, 'require-secure-transport' => 'ON', 'max-allowed-packet' => '64M']);
$config = $server->config();
$tls = ['ssl' => true, 'ssl_cafile' => authority()];
echo "--- MySQL\n";
$mysql($tls + $config);
echo "--- without TLS\n";
$mysql($config);
echo "--- an authority that nobody knows\n";
$mysql(['ssl' => true] + $config);
echo "--- another name\n";
$mysql(['ssl_host_name' => 'other.test'] + $tls + $config);
echo "--- not verified\n";
$mysql(['ssl' => true, 'ssl_verify_peer' => false] + $config);
echo "--- a wrong password\n";
$mysql(['password' => 'wrong'] + $tls + $config);
echo "--- a server that speaks no TLS\n";
$peer = peer(['hello' => str_replace("\xff\xff\x2d", "\xff\xf7\x2d", mysql_greeting()), 'quiet' => true]);
$mysql(['port' => $peer->where] + $tls + $config);
echo "--- a server that goes on in the clear\n";
$peer = peer(['hello' => mysql_greeting(), 'answers' => [mysql_ok(2)], 'quiet' => true]);
$mysql(['port' => $peer->where] + $tls + $config);
echo "--- a server that is silent then\n";
$peer = peer(['hello' => mysql_greeting(), 'quiet' => true]);
$mysql(['port' => $peer->where, 'timeout' => 0.1] + $tls + $config);
$server->service->stop();

$redis = static function (array $setting, int $port): void {
    $redis = new Swoole\Redis($setting + ['timeout' => 5 * patience()]);
    $redis->on('close', static fn () => print("close\n"));
    $redis->connect('127.0.0.1', $port, static function ($redis, $ok): void {
        if (!$ok) {
            echo "$redis->errCode $redis->errMsg\n";
            return;
        }
        $redis->set('big', str_repeat('x', 8000000), static fn ($redis, $result) => print("$result\n"));
        $redis->get('big', static fn ($redis, $value) => print(strlen($value) . "\n"));
        $redis->incr('n', static fn ($redis, $n) => print("$n\n"));
        $redis->close();
    });
    $gone = WeakReference::create($redis);
    unset($redis);
    Swoole\Event::wait();
    $gone->get() && print("it lives on\n");
    ledger_empty();
};
$port = free_port();
$service = redis_start(0, [
    'tls-port' => $port, 'tls-cert-file' => $certificate, 'tls-key-file' => $key, 'tls-ca-cert-file' => authority(), 'tls-auth-clients' => 'no',
]);
echo "--- Redis\n";
$redis($tls, $port);
echo "--- an authority that nobody knows\n";
$redis(['ssl' => true], $port);
echo "--- no TLS there\n";
$redis(['timeout' => 0.2] + $tls, $service->port);
?>
--EXPECTF--
--- MySQL
[{"Variable_name":"Ssl_version","Value":"TLSv1.3"}]
8000000
close
--- without TLS
%r(1045 Access denied for user 'tester'@'127\.0\.0\.1' \(using password: YES\)|3159 Connections using insecure transport are prohibited while --require_secure_transport=ON\.)%r
close
--- an authority that nobody knows
1012 The peer's certificate is signed by an unknown authority
close
--- another name
1012 The peer's certificate is not for this host name
close
--- not verified
[{"Variable_name":"Ssl_version","Value":"TLSv1.3"}]
8000000
close
--- a wrong password
1045 Access denied for user 'tester'@'127.0.0.1' (using password: YES)
close
--- a server that speaks no TLS
2026 The server does no TLS
close
--- a server that goes on in the clear
1014 The peer does not speak TLS
close
--- a server that is silent then
110 Connection timed out
close
--- Redis
OK
8000000
1
close
--- an authority that nobody knows
1012 The peer's certificate is signed by an unknown authority
--- no TLS there
110 Connection timed out
