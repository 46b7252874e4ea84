--TEST--
A next worker that is killed, or dies of a fatal error, before it has taken the connections leaves them to the one after it; what others send to them meanwhile arrives
--EXTENSIONS--
tether
--INI--
display_errors=0
log_errors=0
--FILE--
<?php
require __DIR__ . '/program.inc';

foreach (['kill -9', 'fatal', 'exit', 'nothing'] as $how) {
    $line = stream_socket_server('udp://127.0.0.1:0', flags: STREAM_SERVER_BIND);
    [$server, $port, $log] = start_recycled(<<<'PHP'
        $serv->on('workerstart', function ($serv, $id) {
            tell(['start', getmypid()]);
            // At the begin of its first turn: before anything that was sent to it is read.
            Swoole\Event::cycle(function () {
                Swoole\Event::cycle(null, true);
                if (file_exists($GLOBALS['flag'])) {
                    tell(['busy', getmypid()]);
                    match (listen()) {
                        'fatal' => trigger_error('planned', E_USER_ERROR),
                        'exit' => exit,
                        default => null,
                    };
                }
            }, true);
        });
        // A process of its own does what comes as a datagram.
        $serv->addProcess(new Swoole\Process(function () use ($serv) {
            $socket = stream_socket_client("udp://127.0.0.1:$GLOBALS[line]");
            fwrite($socket, 'here');
            Swoole\Event::add($socket, function ($socket) use ($serv) {
                [$do, $fd, $data] = json_decode(fread($socket, 1000), true);
                fwrite($socket, json_encode(match ($do) {
                    'look' => [$serv->exist($fd), $serv->getClientInfo($fd)['remote_port'], in_array($fd, iterator_to_array($serv->connections))],
                    'send' => $serv->send($fd, $data),
                }));
            });
        }));
        $serv->on('request', function ($request, $response) use ($serv) {
            $response->end(json_encode(['pid' => getmypid(), 'fd' => $request->fd]));
        });
    PHP, [], ['flag' => $flag = temp_path(), 'line' => substr(strrchr(stream_socket_get_name($line, false), ':'), 1)]);
    $old = hear_of($server, 'start')[1];
    $streams = array_map(fn () => dial($port), range(0, 4));
    $before = array_map(fn ($stream) => facts($stream), $streams);
    stream_socket_recvfrom($line, 10, 0, $process);
    $do = function (...$command) use ($line, &$process) {
        stream_socket_sendto($line, json_encode($command), 0, $process);
        return json_decode(stream_socket_recvfrom($line, 1000), true);
    };
    touch($flag);
    $do('send', $before[0]['fd'], '1 ');
    $server->signal(10);
    $earlier = [];
    $next = hear_of($server, 'busy', $earlier)[1];
    // Whether it reaches the old worker yet is a matter of luck, so it may be late.
    $do('send', $before[0]['fd'], '2 ');
    in_array(['stop', $old], $earlier) || hear_of($server, 'stop');
    // The old one has given all away and gone, the next one has read nothing.
    wait_for(fn () => !is_alive($old));
    $port_of = fn ($stream) => (int) substr(strrchr(stream_socket_get_name($stream, false), ':'), 1);
    $looked = array_map(fn ($n) => $do('look', $before[$n]['fd'], '') === [true, $port_of($streams[$n]), true], array_keys($streams));
    $do('send', $before[0]['fd'], '3 ');
    unlink($flag);
    if ($how === 'kill -9') {
        send_signal($next, 9);
    } else {
        $server->say($how);
    }
    $do('send', $before[0]['fd'], '4');
    echo "$how: ", json_encode($looked), ' ', str_replace('2 ', '', $sent = read_until($streams[0], fn ($got) => strlen($got) === 7)), str_contains($sent, '2 ') ? ' and 2 ' : '';
    $after = array_map(fn ($stream) => facts($stream), $streams);
    echo json_encode(array_column($after, 'fd') === array_column($before, 'fd')), ' ', count(array_unique(array_column($after, 'pid'))), ' ',
        json_encode($after[0]['pid'] === $next), ' ';
    $others = [];
    $code = stop($server);
    while (($word = $server->hear()) !== null) {
        $others[] = $word;
    }
    $closed = array_column(array_filter($others, fn ($word) => $word[0] === 'close' && in_array($word[2], array_column($before, 'fd'))), 1);
    echo json_encode($closed === array_fill(0, 5, $after[0]['pid'])), " $code\n";
}
?>
--EXPECT--
kill -9: [true,true,true,true,true] 1 3 4 and 2 true 1 false true 0
fatal: [true,true,true,true,true] 1 3 4 and 2 true 1 false true 0
exit: [true,true,true,true,true] 1 3 4 and 2 true 1 false true 0
nothing: [true,true,true,true,true] 1 3 4 and 2 true 1 true true 0
