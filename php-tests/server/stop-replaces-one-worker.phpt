--TEST--
stop() replaces one worker: itself, at once or when it has answered, or another; an unknown one is false
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('request', function ($request, $response) use ($serv) {
        $stop = $request->get['stop'] ?? null;
        $wait = isset($request->get['wait']);
        if ($stop !== null) {
            $result = @$serv->stop($stop === 'self' ? -1 : (int) $stop, $wait);
        }
        $response->end(json_encode([$serv->worker_id, getmypid(), $result ?? null]));
    });
    $serv->on('workerstart', fn ($s, $id) => tell("start $id"));
    $serv->on('workerstop', fn ($s, $id) => tell("stop $id"));
    $serv->on('workererror', fn ($s, $id) => tell("error $id"));
PHP, ['worker_num' => 2]);
$two = [$server->hear(), $server->hear()];
sort($two);
echo implode(', ', $two), "\n";
$ask = fn (string $path, ?int $of) => wait_for(function () use ($port, $path, $of) {
    // Which worker a connection gets is the kernel's choice.
    $stream = dial($port);
    $one = json_decode(http_parse(raw_request($stream, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", ']'))['body']);
    if ($of !== null && $one[0] !== $of) {
        return false;
    }
    return json_decode(http_parse(raw_request($stream, "GET $path HTTP/1.1\r\nHost: h\r\n\r\n", ']'))['body']);
});
foreach (['other' => ['/?stop=1', 0], 'self' => ['/?stop=self', 0], 'self by id' => ['/?stop=0', 0], 'self, later' => ['/?stop=self&wait=1', 1]] as $case => [$path, $of]) {
    $answer = $ask($path, $of);
    echo "$case: answered by {$answer[0]} ", json_encode($answer[2]), ', ', implode(', ', [$server->hear(), $server->hear()]), "\n";
}
echo 'unknown: ', json_encode($ask('/?stop=7', null)[2]), "\n";
var_dump(stop($server));
?>
--EXPECT--
start 0, start 1
other: answered by 0 true, start 1, stop 1
self: answered by 0 true, stop 0, start 0
self by id: answered by 0 true, stop 0, start 0
self, later: answered by 1 true, start 1, stop 1
unknown: false
int(0)
