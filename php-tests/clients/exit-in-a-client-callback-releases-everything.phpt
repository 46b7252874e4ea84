--TEST--
exit() and a fatal error in a client's callback end the process; what waited is released and not called
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$program = <<<'PHP'
<?php
class C extends Swoole\Client { public function __destruct() { echo "client destroyed\n"; } }
class W { public function __construct(private $n) {} public function __destruct() { echo "$this->n destroyed\n"; } }
function waiting(int $port): void
{
    $witness = new W('what waits');
    $http = new Swoole\Http\Client('127.0.0.1', $port);
    $http->set(['timeout' => 60]);
    // The callback holds its client: only the engine can take them apart.
    $http->get('/', function () use ($http, $witness) { echo "never\n"; });
    $redis = new Swoole\Redis;
    $redis->connect('127.0.0.1', $port, function ($redis, $ok) use ($witness, $port) {
        $redis->get('key', function () use ($redis, $witness) { echo "never\n"; });
        $client = new C(SWOOLE_TCP | SWOOLE_ASYNC);
        $client->on('connect', function ($client) { $client->send('x'); });
        $client->on('receive', function () {});
        $client->on('error', function () { echo "never\n"; });
        $client->on('close', function () { echo "never\n"; });
        $client->on('connect', function () use ($witness) { echo "connect\n"; end_it(); });
        $client->connect('127.0.0.1', $port);
    });
}
function end_it(): void
{
    if ($GLOBALS['fatal']) {
        error_reporting(0);
        trigger_error('fatal', E_USER_ERROR);
    }
    exit(3);
}
waiting($port);
PHP;
$peer = silent_peer();
foreach ([false, true] as $fatal) {
    $child = run_php($program, ['fatal' => $fatal, 'port' => $peer->where]);
    $code = $child->wait();
    echo $child->output(), $child->errors(), "exit $code\n";
}
?>
--EXPECT--
connect
client destroyed
what waits destroyed
exit 3
connect
exit 255
