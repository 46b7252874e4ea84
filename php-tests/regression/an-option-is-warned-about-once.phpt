--TEST--
An option is warned about once: not at the next set(), and not at start()
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

set_error_handler(function (int $level, string $text) {
    echo substr($text, strpos($text, ': ') + 2), "\n";
    return true;
});
$cli = new Swoole\Http\Client('127.0.0.1', 80);
foreach ([['timeuot' => 1], ['timeout' => 2], ['open_mqtt_protocol' => true]] as $options) {
    echo json_encode($options), "\n";
    $cli->set($options);
}

$server = run_server(<<<'PHP'
<?php
$serv = new Swoole\Server('127.0.0.1', 0);
$serv->on('receive', fn () => null);
$serv->on('workerstart', fn () => ready());
set_error_handler(fn ($level, $text) => fwrite(STDERR, "$text\n"));
$serv->set(['worker_num' => 1, 'wroker_num' => 2]);
$serv->set(['open_http2_protocol' => true]);
$serv->start();
PHP);
stop($server);
echo $server->errors();
?>
--EXPECT--
{"timeuot":1}
unknown option "timeuot", did you mean "timeout"?
{"timeout":2}
{"open_mqtt_protocol":true}
option "open_mqtt_protocol" has no effect: HTTP has its own framing and queues one request at a time
Swoole\Server::set(): unknown option "wroker_num", did you mean "worker_num"?
Swoole\Server::set(): option "open_http2_protocol" is not implemented yet, it comes with HTTP/2; HTTP/1.1 is spoken