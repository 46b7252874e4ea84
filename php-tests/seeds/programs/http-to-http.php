<?php
$serv = new Swoole\Http\Server("127.0.0.1", 9502);

$serv->on('Request', function($request, $response) {
    $cli = new Swoole\Http\Client('127.0.0.1', 80);
    $cli->post('/dump.php', array("key" => 'value'), function ($cli) use ($request, $response) {
        $response->end("<h1>{$cli->body}</h1>");
        $cli->close();
    });
});

$serv->start();
