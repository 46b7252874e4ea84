--TEST--
The customer's Http\Server asks an Http\Client and answers with what it got; all of it is gone then
--EXTENSIONS--
tether
--SKIPIF--
<?php
require __DIR__ . '/../_support/harness.inc';
skip_without('nginx', 'curl');
?>
--FILE--
<?php
require __DIR__ . '/seeds.inc';
seeds_enter();
$nginx = nginx_start(port: seed_port(80));
ask_word_for_word('http-to-http');

// The same with a mark on each object of the chain.
$server = run_php(observed(seed_program('http-to-http'), [
    '<?php' => MARKS,
    'Server("127.0.0.1", ' . seed_port(9502) . ');' => ONE_WORKER,
    'function($request, $response) {' => <<<'PHP'

        if ($request->server['request_uri'] === '/left') {
            return $response->end((string) Tether\Ledger::count());
        }
        $request->mark = new Mark('$request');
        $response->mark = new Mark('$response');
        $closure = new Mark('closure');
    PHP,
    "\$cli = new Swoole\\Http\\Client('127.0.0.1', " . seed_port(80) . ');' => <<<'PHP'

        $cli->mark = new Mark('$cli');
        $cli->on('close', function ($cli) {
            tell('close');
        });
    PHP,
    '$cli->close();' => "\n        tell(Tether\\Ledger::count('client') . ' ' . substr_count(Tether\\Ledger::tree(), ' closing '));",
], ['use ($request, $response)' => 'use ($closure, $request, $response)']));
$worker = $server->hear()['worker'];
for ($i = 0; $i < 3; $i++) {
    http_get(seed_port(9502));
    told($server, '$response');
}
echo 'left: ', http_get(seed_port(9502), '/left')['body'], "\n";
echo 'exit code ', stop($server), "\n";
?>
--EXPECT--
200 x 200 <h1>POST /dump.php key=value</h1>
<h1>POST /dump.php key=value</h1>
exit code 0
close, 1 1, $cli, closure, $request, $response
close, 1 1, $cli, closure, $request, $response
close, 1 1, $cli, closure, $request, $response
left: 0
exit code 0
