--TEST--
A chain of clients goes from its tail to its head when both are closed
--EXTENSIONS--
tether
--SKIPIF--
<?php require __DIR__ . '/clients.inc'; skip_without('redis-server');
--FILE--
<?php
require __DIR__ . '/clients.inc';

class Cli extends Swoole\Http\Client
{
    public function __destruct() { echo "client destroyed\n"; }
}
class Store extends Swoole\Redis
{
    public function __destruct() { echo "redis destroyed\n"; }
}
$peer = answering_peer(response('body'));
$service = redis_start();
function on_request(Witness $request, Witness $response, int $port, int $redis_port): void
{
    $cli = new Cli('127.0.0.1', $port);
    $cli->on('close', function () { echo "close\n"; });
    $cli->post('/dump.php', ['key' => 'value'], function ($cli) use ($request, $response, $redis_port) {
        $redis = new Store;
        $redis->on('close', function () { echo "redis close\n"; });
        $redis->connect('127.0.0.1', $redis_port, function ($redis, $result) use ($request, $response, $cli) {
            $redis->get('test_key', function ($redis, $result) use ($request, $response, $cli) {
                var_dump($result);
                $cli->close();
                $redis->close();
                echo "returns\n";
            });
        });
    });
}
on_request(new Witness('request'), new Witness('response'), $peer->where, $service->port);
after_loop(fn () => all_gone());
?>
--EXPECT--
NULL
close
redis close
returns
redis destroyed
request destroyed
response destroyed
client destroyed
no tether is left
