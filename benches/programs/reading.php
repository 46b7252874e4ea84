<?php // Reads the method, the path, one header and one query value of each request.
$server = new Swoole\Http\Server('127.0.0.1', (int) $argv[1]);
$server->set(['worker_num' => 1]);
$server->on('workerStart', function () use ($argv) {
    file_put_contents($argv[2], getmypid());
});
$server->on('request', function ($request, $response) {
    $response->end($request->server['request_method'] . ' ' . $request->server['path_info'] . ' '
        . $request->header['host'] . ' ' . $request->get['id'] . "\n");
});
$server->start();
