--TEST--
A response that is still kept when its worker ends is answered, whatever ends it: with the status that was set, else with 500; one that was begun is cut
--EXTENSIONS--
tether
--INI--
display_errors=0
log_errors=0
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

foreach (['signal', 'stop', 'exit', 'fatal', 'shutdown function'] as $how) {
    [$server, $port] = start_server(<<<'PHP'
        $serv->on('request', function ($request, $response) use ($serv) {
            $path = $request->server['path_info'];
            $GLOBALS['kept'][$path] = $response;
            if ($path === '/begun') {
                $response->write('begun');
            } elseif ($path === '/status') {
                $response->status(202);
            } elseif ($path === '/function') {
                register_shutdown_function(fn () => $response->end('from the shutdown function'));
            } elseif ($path === '/stop') {
                $response->end();
                $serv->stop();
            } elseif ($path === '/exit') {
                exit;
            } elseif ($path === '/fatal') {
                trigger_error('planned', E_USER_ERROR);
            }
            tell('kept');
        });
    PHP, ['max_wait_time' => 0.2]);
    $streams = [];
    foreach (['/plain', '/begun', '/status', ...($how === 'shutdown function' ? ['/function'] : [])] as $path) {
        $streams[$path] = dial($port);
        write_all($streams[$path], "GET $path HTTP/1.1\r\nHost: h\r\n\r\n");
        $server->hear();
    }
    if ($how === 'signal' || $how === 'shutdown function') {
        $server->signal(15);
    } else {
        $streams['own'] = dial($port);
        write_all($streams['own'], "GET /$how HTTP/1.1\r\nHost: h\r\n\r\nGET /behind HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    echo "--- $how\n";
    foreach ($streams as $path => $stream) {
        // After stop() its connection goes to the next worker, with the request behind.
        $raw = $how === 'stop' && $path === 'own' ? http_ask($stream, '')['raw'] : read_until($stream);
        echo "$path: ", json_encode([strtok($raw, "\r"), explode("\r\n\r\n", $raw, 2)[1] ?? null]), "\n";
    }
    if (isset($streams['own'])) {
        $server->signal(15);
    }
    echo $server->wait(), "\n";
}
?>
--EXPECT--
--- signal
/plain: ["HTTP\/1.1 500 Internal Server Error",""]
/begun: ["HTTP\/1.1 200 OK","5\r\nbegun\r\n"]
/status: ["HTTP\/1.1 202 Accepted",""]
0
--- stop
/plain: ["HTTP\/1.1 500 Internal Server Error",""]
/begun: ["HTTP\/1.1 200 OK","5\r\nbegun\r\n"]
/status: ["HTTP\/1.1 202 Accepted",""]
own: ["HTTP\/1.1 200 OK",""]
0
--- exit
/plain: ["HTTP\/1.1 500 Internal Server Error",""]
/begun: ["HTTP\/1.1 200 OK","5\r\nbegun\r\n"]
/status: ["HTTP\/1.1 202 Accepted",""]
own: ["HTTP\/1.1 500 Internal Server Error",""]
0
--- fatal
/plain: ["HTTP\/1.1 500 Internal Server Error",""]
/begun: ["HTTP\/1.1 200 OK","5\r\nbegun\r\n"]
/status: ["HTTP\/1.1 202 Accepted",""]
own: ["HTTP\/1.1 500 Internal Server Error",""]
0
--- shutdown function
/plain: ["HTTP\/1.1 500 Internal Server Error",""]
/begun: ["HTTP\/1.1 200 OK","5\r\nbegun\r\n"]
/status: ["HTTP\/1.1 202 Accepted",""]
/function: ["HTTP\/1.1 200 OK","from the shutdown function"]
0
