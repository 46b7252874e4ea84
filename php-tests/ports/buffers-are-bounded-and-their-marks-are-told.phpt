--TEST--
onBufferFull and onBufferEmpty follow the watermarks of their port; a stalled reader stops at socket_buffer_size, all together at buffer_total_size
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('receive', function ($serv, $fd, $reactor, $data) {
        for ($i = 0; $i < 1000 && $serv->send($fd, str_repeat('x', 65536)); $i++);
        tell([$i, $serv->getLastError(), $serv->stats()['buffer_size'] <= 4 << 20]);
    });
    $serv->on('bufferFull', fn ($serv, $fd) => tell("full $fd"));
    $serv->on('bufferEmpty', fn ($serv, $fd) => tell("empty $fd"));
    $serv->on('close', fn ($serv, $fd) => tell("close $fd"));
PHP, ['socket_buffer_size' => 2 << 20, 'buffer_high_watermark' => 100000, 'buffer_low_watermark' => 1000, 'buffer_total_size' => 3 << 20, 'kernel_socket_send_buffer_size' => 65536, 'worker_num' => 1], 'Server');
$streams = [dial($port), dial($port), dial($port)];
foreach ($streams as $stream) {
    write_all($stream, 'go');
    [$pieces, $errno, $bounded] = $server->hear();
    // The third finds so little room that it never gets full itself.
    echo $pieces > 25 ? 'to its own limit' : ($pieces > 0 ? 'to the limit of all' : 'nothing'), " $errno ", json_encode([$bounded, $stream === $streams[2] ? null : $server->hear()]), "\n";
    $total[] = $pieces * 65536;
}
var_dump(strlen(read_until($streams[0], $total[0])) === $total[0]);
echo json_encode($server->hear()), "\n";
fclose($streams[1]);
echo json_encode($server->hear()), "\n";
write_all($streams[0], 'go');
echo json_encode($server->hear()[0] > 25), json_encode($server->hear()), "\n";
fclose($streams[0]);
fclose($streams[2]);
var_dump(stop($server));
?>
--EXPECT--
to its own limit 1008 [true,"full 1"]
to the limit of all 1008 [true,"full 2"]
to the limit of all 1008 [true,null]
bool(true)
"empty 1"
"close 2"
true"full 1"
int(0)
