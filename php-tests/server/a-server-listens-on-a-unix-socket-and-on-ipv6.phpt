--TEST--
A server listens on a unix socket, whose file goes with it, and on IPv6
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

foreach (['unix', 'ipv6'] as $kind) {
    $path = temp_path('.sock');
    $server = run_server(<<<'PHP'
    <?php
    $serv = $kind === 'unix' ? new Swoole\Http\Server($path, 0, SWOOLE_BASE, SWOOLE_SOCK_UNIX_STREAM)
        : new Swoole\Http\Server('::1', 0, SWOOLE_BASE, SWOOLE_SOCK_TCP6);
    $serv->set(['worker_num' => 2, 'log_file' => '/dev/null']);
    $serv->on('start', function ($serv) {
        ready();
        tell($serv->port);
    });
    $serv->on('request', function ($request, $response) use ($serv) {
        $info = $serv->getClientInfo($request->fd);
        $response->end(json_encode([$info['remote_ip'] ?? null, $info['socket_type'], $request->server['remote_addr'] ?? null, getmypid()]));
    });
    $serv->start();
    PHP, ['kind' => $kind, 'path' => $path]);
    $port = $server->hear();
    $where = $kind === 'unix' ? $path : $port;
    $stream = stream_socket_client($kind === 'unix' ? "unix://$path" : "tcp://[::1]:$port");
    $raw = raw_request($stream, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    [$ip, $type, $addr, $pid] = json_decode(http_parse($raw)['body']);
    echo $kind, ': ', json_encode([$ip, $type, $addr]);
    if ($kind === 'unix') {
        echo ' ', json_encode($port);
        // A worker that dies takes no file with it.
        send_signal($pid, 9);
        echo ' ', http_get($path)['status'];
    }
    echo ' ', stop($server), ' ', json_encode(file_exists($path)), "\n";
}
?>
--SKIPIF--
<?php
if (!@stream_socket_server('tcp://[::1]:0')) {
    die('skip no IPv6');
}
?>
--EXPECT--
unix: [null,6,""] 0 200 0 false
ipv6: ["::1",3,"::1"] 0 false
