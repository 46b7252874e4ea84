--TEST--
Connections that wait in the queue of a worker that dies are served by its successor
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('request', function ($request, $response) {
        if ($request->server['path_info'] === '/busy') {
            tell(getmypid());
            for (;;) {
                usleep(10000);
            }
        }
        $response->end((string) getmypid());
    });
PHP);
$busy = dial($port);
write_all($busy, "GET /busy HTTP/1.1\r\nHost: h\r\n\r\n");
$pid = $server->hear();
for ($i = 0; $i < 20; $i++) {
    $waiting[$i] = dial($port);
    write_all($waiting[$i], "GET /$i HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
}
send_signal($pid, 9);
var_dump(read_until($busy));
$bodies = array_map(fn ($stream) => http_parse(read_until($stream))['body'], $waiting);
var_dump(count(array_unique($bodies)), in_array((string) $pid, $bodies, true), (int) $bodies[0] > 0);
var_dump(stop($server));
?>
--EXPECT--
string(0) ""
int(1)
bool(false)
bool(true)
int(0)
