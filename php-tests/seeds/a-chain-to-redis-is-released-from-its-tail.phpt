--TEST--
The customer's nested chain, Http\Server, Http\Client, Redis, answers and is released from its tail
--EXTENSIONS--
tether
--SKIPIF--
<?php
require __DIR__ . '/../_support/harness.inc';
skip_without('nginx', 'redis-server', 'curl');
?>
--FILE--
<?php
require __DIR__ . '/seeds.inc';
require __DIR__ . '/chain.inc';
seeds_enter();
$nginx = nginx_start(port: seed_port(80));
$redis = redis_start(seed_port(6379));
raw_request(seed_port(6379), "SET test_key some-value\r\n", "+OK");
ask_word_for_word('nested-chain');

$server = run_php(marked_chain());
$worker = $server->hear()['worker'];
for ($i = 0; $i < 3; $i++) {
    http_get(seed_port(9502));
    told($server, '$cli');
}
echo 'left: ', http_get(seed_port(9502), '/left')['body'], "\n";

// No key: Redis answers with nothing, and the chain ends all the same.
raw_request(seed_port(6379), "DEL test_key\r\n", "\r\n");
echo json_encode(http_get(seed_port(9502))['body']), "\n";
told($server, '$cli');
echo 'left: ', http_get(seed_port(9502), '/left')['body'], "\n";
echo 'exit code ', stop($server), "\n";
?>
--EXPECT--
200 x 200 <h1>some-value</h1>
<h1>some-value</h1>
exit code 0
post closure, connect closure, close $cli, close $redis, 2 2, $redis, get closure, $request, $response, $cli
post closure, connect closure, close $cli, close $redis, 2 2, $redis, get closure, $request, $response, $cli
post closure, connect closure, close $cli, close $redis, 2 2, $redis, get closure, $request, $response, $cli
left: 0
"<h1><\/h1>"
post closure, connect closure, close $cli, close $redis, 2 2, $redis, get closure, $request, $response, $cli
left: 0
exit code 0
