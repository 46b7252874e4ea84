--TEST--
An exception out of a callback goes to the handler and the connection goes on; without one the loop ends
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

$program = <<<'PHP'
<?php
if ($handled) {
    set_exception_handler(function ($e) { echo 'handler: ', $e->getMessage(), "\n"; });
}
class C extends Swoole\Client { public function __destruct() { echo "destroyed\n"; } }
$client = new C(SWOOLE_TCP | SWOOLE_ASYNC);
$client->on('connect', function ($client) { $client->send('x'); throw new Exception('in connect'); });
$client->on('receive', function ($client, $data) { echo "receive $data\n"; $client->close(); });
$client->on('error', function () {});
$client->on('close', function () { echo "close\n"; });
$client->connect('127.0.0.1', $port);
unset($client);
$http = new Swoole\Http\Client('127.0.0.1', $port);
$http->get('/', function ($http) { $http->close(); throw new Exception('in response'); });
unset($http);
PHP;
$peer = echo_peer();
foreach ([true, false] as $handled) {
    $child = run_php($program, ['handled' => $handled, 'port' => $peer->where]);
    $code = $child->wait();
    $lines = explode("\n", trim($child->output()));
    if ($handled) {
        sort($lines);
    }
    echo implode("\n", $lines), "\n", "exit $code\n";
}
?>
--EXPECTF--
close
destroyed
handler: in connect
handler: in response
receive x
exit 0
Fatal error: Uncaught Exception: in connect in %s
Stack trace:
%A
destroyed
exit 255
