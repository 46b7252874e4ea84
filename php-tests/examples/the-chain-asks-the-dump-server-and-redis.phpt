--TEST--
The examples: both chains ask the dump server, the nested one Redis too; each failure is answered
--EXTENSIONS--
tether
--SKIPIF--
<?php
require __DIR__ . '/../_support/harness.inc';
skip_without('redis-server');
?>
--FILE--
<?php
require __DIR__ . '/run.inc';
$redis = redis_start();
raw_request($redis->port, "SET test_key some-value\r\n", "+OK");
$backend = example('dump-server', ['PORT' => '0']);
$at = ['PORT' => '0', 'BACKEND' => '127.0.0.1:' . example_port($backend), 'REDIS' => "127.0.0.1:{$redis->port}"];
$none = '127.0.0.1:' . refusing_port();

$show = function (string $name, array $at, string ...$paths) {
    $server = example($name, $at);
    $port = example_port($server);
    foreach ($paths as $path) {
        $answer = http_get($port, $path);
        echo $answer['status'], ' ', preg_replace('/127\.0\.0\.1:\d+/', '127.0.0.1:PORT', $answer['body']);
    }
    finish($server);
};
$show('seed-http-to-http', $at, '/');
$show('seed-http-to-http', ['BACKEND' => $none] + $at, '/');
$show('seed-nested-chain', $at, '/', '/?wait=0.05', '/ledger');
$show('seed-nested-chain', ['BACKEND' => $none] + $at, '/', '/ledger');
$show('seed-nested-chain', ['REDIS' => $none] + $at, '/', '/ledger');
finish($backend);
?>
--EXPECTF--
200 <h1>POST /dump.php key=value</h1>
listening on http://127.0.0.1:PORT/
exit code 0
502 the backend failed: -1
listening on http://127.0.0.1:PORT/
exit code 0
200 <h1>some-value</h1>
200 <h1>some-value</h1>
200 #%d server Swoole\Http\Server#1 running 127.0.0.1:PORT seed-nested-chain.php:%d %fs
listening on http://127.0.0.1:PORT/
exit code 0
502 the backend failed: -1
200 #%d server Swoole\Http\Server#1 running 127.0.0.1:PORT seed-nested-chain.php:%d %fs
listening on http://127.0.0.1:PORT/
exit code 0
502 Redis failed: Connection refused
200 #%d server Swoole\Http\Server#1 running 127.0.0.1:PORT seed-nested-chain.php:%d %fs
listening on http://127.0.0.1:PORT/
exit code 0
listening on http://127.0.0.1:PORT/
exit code 0
