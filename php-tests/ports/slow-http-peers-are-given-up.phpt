--TEST--
An HTTP peer that trickles its request is answered with 408, one that takes no answer is closed; others are served on
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('request', function ($request, $response) {
        $big = $request->server['path_info'] === '/big';
        tell($response->end($big ? str_repeat('x', 2000000) : 'fine'));
    });
    $serv->on('close', fn ($serv, $fd, $reactor) => tell("close $fd $reactor"));
PHP, ['header_timeout' => 0.3, 'body_timeout' => 0.3, 'write_timeout' => 0.3, 'kernel_socket_send_buffer_size' => 65536]);
$patient = dial($port);
$status = fn (string $answer) => strtok($answer, "\r");
echo $status(raw_request($patient, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 'fine')), json_encode($server->hear()), "\n";
// Bytes keep coming, but the head never ends.
$trickle = dial($port);
write_all($trickle, "GET / HTTP/1.1\r\nHost: h\r\n");
$got = '';
while (!str_contains($got, "\r\n\r\n")) {
    write_all($trickle, "A: b\r\n");
    usleep(20000);
    stream_set_blocking($trickle, false);
    $got .= fread($trickle, 1000);
}
echo $status($got), json_encode($server->hear()), "\n";
echo $status(raw_request($port, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")), json_encode($server->hear()), "\n";
echo $status(raw_request($port, "GET / HTTP/1.1\r\nHost: h\r\nA: " . str_repeat('a', 9000), 'HTTP/1.1')), json_encode($server->hear()), "\n";
$stalled = dial($port);
write_all($stalled, "GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
echo json_encode([$server->hear(), $server->hear()]), "\n";
echo $status(raw_request($patient, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 'fine')), json_encode($server->hear()), "\n";
var_dump(stop($server));
?>
--EXPECT--
HTTP/1.1 200 OKtrue
HTTP/1.1 408 Request Timeout"close 2 -1"
HTTP/1.1 408 Request Timeout"close 3 -1"
HTTP/1.1 431 Request Header Fields Too Large"close 4 -1"
[true,"close 5 0"]
HTTP/1.1 200 OKtrue
int(0)
