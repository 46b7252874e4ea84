<?php
$serv = new Swoole\Http\Server("127.0.0.1", 9502);

$serv->on('Request', function($request, $response) {
    $cli = new Swoole\Http\Client('127.0.0.1', 80);
    //发起连接，$cli 引用计数增加
    $cli->post('/dump.php', array("key" => 'value'), function ($cli) use ($request, $response) {
        $redis = new Swoole\Redis;
        //发起连接，$redis 引用计数增加
        $redis->connect('127.0.0.1', 6379, function ($redis, $result) use ($request, $response, $cli) {
            $redis->get('test_key', function ($redis, $result) use ($request, $response, $cli) {
                $response->end("<h1>{$result}</h1>");
                //关闭连接，$cli 引用计数减少
                $cli->close();
                //关闭连接，$redis 引用计数减少
                $redis->close();
            });
        });
    });
});

$serv->start();
