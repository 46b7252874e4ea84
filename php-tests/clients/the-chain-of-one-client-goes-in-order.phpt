--TEST--
request and response outlive the closure that binds them, the closure its client
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/clients.inc';

class Cli extends Swoole\Http\Client
{
    public function __destruct() { echo "client destroyed\n"; }
}
$peer = answering_peer(response('body'));
function on_request(Witness $request, Witness $response, int $port): WeakReference
{
    $cli = new Cli('127.0.0.1', $port);
    $cli->on('close', function () { echo "close\n"; });
    $callback = function ($cli) use ($request, $response) {
        echo "$cli->body\n";
        $cli->close();
        echo "returns\n";
    };
    $cli->post('/dump.php', ['key' => 'value'], $callback);
    return WeakReference::create($callback);
}
$closure = on_request(new Witness('request'), new Witness('response'), $peer->where);
after_loop(fn () => all_gone(closure: $closure));
?>
--EXPECT--
body
close
returns
client destroyed
request destroyed
response destroyed
no tether is left
