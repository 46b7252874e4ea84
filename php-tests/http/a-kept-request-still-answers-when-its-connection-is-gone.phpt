--TEST--
A request that the program keeps still has its arrays and its body when its connection is gone
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    if ($request->server['path_info'] === '/keep') {
        $GLOBALS['kept'][] = $request;
        $response->end('kept');
        return;
    }
    $all = [];
    foreach ($kept = $GLOBALS['kept'] as $old) {
        $all[] = [$old->get, $old->header['x-mark'], strlen($old->rawContent()), strlen($old->getData()) > 60000,
            $old->server['remote_addr'], $old->server['remote_port'] > 0];
    }
    $weak = array_map(WeakReference::create(...), $kept);
    $GLOBALS['kept'] = $kept = $old = null;
    $response->end(json_encode([$all, array_map(fn ($one) => $one->get(), $weak)]));
PHP);
foreach ([1, 2] as $n) {
    http_request($port, 'POST', "/keep?n=$n", ['X-Mark' => "mark$n", 'Content-Length' => 60000], str_repeat("$n", 60000));
}
echo http_get($port, '/look')['body'], "\n";
var_dump(stop($server));
?>
--EXPECT--
[[[{"n":"1"},"mark1",60000,true,"127.0.0.1",true],[{"n":"2"},"mark2",60000,true,"127.0.0.1",true]],[null,null]]
int(0)
