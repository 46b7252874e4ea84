--TEST--
buffer_total_size caps what waits in a worker and the I/O threads together, where send() fails, and in each thread, where a message that is not complete ends its connection, HTTP with 503
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
putenv('TETHER_SERVER_MODE=SWOOLE_PROCESS');
require __DIR__ . '/../server/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('receive', function ($serv, $fd, $reactor, $data) {
        for ($i = 0; $i < 1000 && $serv->send($fd, str_repeat('x', 65536)); $i++);
        // What the threads have taken over is known when they have said so.
        $serv->after(50, fn () => tell([$i, $serv->getLastError(), $serv->stats()['buffer_size']]));
    });
    $serv->on('bufferFull', fn () => null);
    $serv->on('close', fn ($serv, $fd) => tell("close $fd"));
PHP, ['socket_buffer_size' => 2 << 20, 'buffer_total_size' => 3 << 20, 'kernel_socket_send_buffer_size' => 65536, 'open_eof_check' => true, 'package_eof' => "\n", 'package_max_length' => 2 << 20], 'Server');
foreach ([dial($port), dial($port)] as $n => $stream) {
    $streams[] = $stream;
    write_all($stream, "go\n");
    [$pieces, $errno, $waits] = $server->hear();
    echo $pieces < 1000 ? 'stopped' : 'went on', " $errno ", json_encode($n ? $waits <= (3 << 20) + 300000 : $waits <= 2 << 20), "\n";
}
// Two halves of packets: there is no room for the second.
foreach ([3, 4] as $n) {
    $streams[] = $half = dial($port);
    for ($sent = 0; $sent < 1_900_000 && @fwrite($half, str_repeat('h', 10000)); $sent += 10000);
}
echo preg_match('/^close [34]$/', $server->hear()) ? 'one is closed' : 'none is', "\n";
array_map(fclose(...), $streams);
$server->stop();

[$server, $port] = start_server(<<<'PHP'
    $serv->on('request', fn ($request, $response) => $response->end(json_encode($serv->stats()['buffer_size'])));
PHP, ['buffer_total_size' => 1 << 20, 'package_max_length' => 4 << 20]);
$ask = fn () => (int) http_parse(raw_request($port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))['body'];
$upload = dial($port);
write_all($upload, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n" . str_repeat('x', 400000));
var_dump(wait_for(fn () => $ask() >= 400000));
write_all($upload, str_repeat('x', 100000));
echo strtok(read_until($upload, "\r\n\r\n"), "\r"), "\n";
// A second one finds no room.
$uploads = [];
foreach (range(1, 3) as $n) {
    write_all($uploads[] = dial($port), "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n" . str_repeat('x', 400000));
}
$read = $uploads;
$write = $except = null;
stream_select($read, $write, $except, 10);
echo strtok(read_until(current($read), "\r\n\r\n"), "\r"), "\n";
var_dump(wait_for(fn () => $ask() <= 1 << 20), stop($server));
?>
--EXPECT--
stopped 1008 true
stopped 1008 true
one is closed
bool(true)
HTTP/1.1 200 OK
HTTP/1.1 503 Service Unavailable
bool(true)
int(0)
