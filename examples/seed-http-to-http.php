<?php
/**
 * Answers each request with what another HTTP server says to a POST.
 *
 *     php -d extension=... examples/seed-http-to-http.php
 *
 * Environment: PORT (default 9502; 0: a free one), BACKEND (default 127.0.0.1:80).
 */
[$host, $backendPort] = explode(':', getenv('BACKEND') ?: '127.0.0.1:80') + [1 => '80'];
$port = (int) (getenv('PORT') === false ? 9502 : getenv('PORT'));

$serv = new Swoole\Http\Server('127.0.0.1', $port);
$serv->set(['worker_num' => 1]);

$serv->on('WorkerStart', function ($serv) {
    echo "listening on http://127.0.0.1:{$serv->port}/\n";
});

$serv->on('Request', function ($request, $response) use ($host, $backendPort) {
    $cli = new Swoole\Http\Client($host, (int) $backendPort);
    $cli->post('/dump.php', ['key' => 'value'], function ($cli) use ($request, $response) {
        if ($cli->statusCode < 0) {
            // -1 no connection, -2 no answer in time, -3 the connection ended before the answer.
            $response->status(502);
            $response->end("the backend failed: {$cli->statusCode}\n");
        } else {
            $response->end("<h1>{$cli->body}</h1>\n");
        }
        $cli->close();
    });
});

$serv->start();
