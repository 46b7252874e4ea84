<?php

\class_alias(\Swoole\Client::class, 'swoole_client');
\class_alias(\Swoole\Event::class, 'swoole_event');
\class_alias(\Swoole\Exception::class, 'swoole_exception');
\class_alias(\Swoole\Http\Client::class, 'swoole_http_client');
\class_alias(\Swoole\Http\Request::class, 'swoole_http_request');
\class_alias(\Swoole\Http\Response::class, 'swoole_http_response');
\class_alias(\Swoole\Http\Server::class, 'swoole_http_server');
\class_alias(\Swoole\MySQL::class, 'swoole_mysql');
\class_alias(\Swoole\MySQL\Exception::class, 'swoole_mysql_exception');
\class_alias(\Swoole\Redis::class, 'swoole_redis');
\class_alias(\Swoole\Server::class, 'swoole_server');
\class_alias(\Swoole\Timer::class, 'swoole_timer');
