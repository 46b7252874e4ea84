<?php
/**
 * Answers each request with what it was; `?wait=2` answers after two seconds.
 *
 *     php -d extension=... examples/dump-server.php
 *
 * Environment: PORT (default 8080; 0: a free one).
 */
$port = (int) (getenv('PORT') === false ? 8080 : getenv('PORT'));

$serv = new Swoole\Http\Server('127.0.0.1', $port);
$serv->set(['worker_num' => 1]);

$serv->on('WorkerStart', function ($serv) {
    echo "listening on http://127.0.0.1:{$serv->port}/\n";
});

$serv->on('Request', function ($request, $response) {
    $what = "{$request->server['request_method']} {$request->server['request_uri']} " . http_build_query($request->post ?? []);
    $wait = (float) ($request->get['wait'] ?? 0);
    if ($wait <= 0) {
        $response->end($what);
        return;
    }
    Swoole\Timer::after((int) ($wait * 1000), function () use ($response, $what) {
        $response->end($what);
    });
});

$serv->start();
