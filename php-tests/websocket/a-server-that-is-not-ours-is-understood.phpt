--TEST--
Python's websockets and Swoole\Http\Client understand each other: upgrade, push, fragments, pings, close, in the clear and under TLS
--EXTENSIONS--
tether
--SKIPIF--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../_support/python.inc';
skip_without('openssl');
skip_without_python('websockets');
?>
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../_support/python.inc';

function show(Swoole\WebSocket\Frame $frame): string
{
    $data = strlen($frame->data) > 60 ? strlen($frame->data) . ' bytes' : $frame->data;
    return $frame instanceof Swoole\WebSocket\CloseFrame ? "close $frame->code $frame->reason" : "$frame->opcode $data";
}

/** Talks: each step says something, and the message that comes then leads to the next. */
function talk(Peer $server, bool $tls, string $path, array $steps): void
{
    $client = new Swoole\Http\Client($tls ? 'localhost' : '127.0.0.1', $server->where, $tls);
    $client->set(['timeout' => 10 * patience()] + ($tls ? ['ssl_cafile' => authority()] : []));
    $next = function ($client) use (&$steps) {
        $step = array_shift($steps);
        $step ? $step($client) : $client->close();
    };
    $client->on('message', function ($client, $frame) use ($next) {
        echo show($frame), "\n";
        $frame->opcode === WEBSOCKET_OPCODE_PING || $frame->opcode === WEBSOCKET_OPCODE_CLOSE or $next($client);
    });
    $client->on('close', fn ($client) => print "closed $client->errCode\n");
    $client->upgrade($path, function ($client) use ($next) {
        echo "$client->statusCode $client->body\n";
        $client->statusCode === 101 ? $next($client) : $client->close();
    });
    unset($client);
    Swoole\Event::wait();
    ledger_empty();
}

$say = fn (string $data, int $opcode = WEBSOCKET_OPCODE_TEXT) => fn ($client) => $client->push($data, $opcode);
$steps = [
    $say('grüße'),
    $say(str_repeat('binary ', 30000), WEBSOCKET_OPCODE_BINARY),
    $say(str_repeat('x', 126)),
    $say('fragments'),
    $say('ping'),
    $say('big'),
    // A ping of ours, whose pong comes as a frame.
    $say('our ping', WEBSOCKET_OPCODE_PING),
    function ($client) {
        $client->push('in ', WEBSOCKET_OPCODE_TEXT, false);
        $client->push('between', WEBSOCKET_OPCODE_PING);
        $client->push('two ', WEBSOCKET_OPCODE_CONTINUATION, false);
        $client->push('parts', WEBSOCKET_OPCODE_CONTINUATION, true);
    },
    // The pong has come, the message is on its way.
    fn () => null,
    $say('bye'),
];
foreach ([false, true] as $tls) {
    echo $tls ? "-- under TLS\n" : "-- in the clear\n";
    $server = python_websocket_server(...($tls ? certificate('good') : []));
    talk($server, $tls, '/chat?room=1', $steps);
    echo json_encode([$server->process->hear(), $server->process->hear()]), "\n";
    // Closed by this side: with a frame of its own, by close(), and cut off while nothing is said.
    foreach (['a frame' => function ($client) {
        $close = new Swoole\WebSocket\CloseFrame;
        [$close->code, $close->reason] = [4002, 'enough'];
        $client->push($close);
    }, 'close()' => fn ($client) => $client->close()] as $how => $close) {
        echo "closed by $how\n";
        talk($server, $tls, '/', [$close]);
        echo json_encode([$server->process->hear(), $server->process->hear()]), "\n";
    }
    talk($server, $tls, '/refused', []);
    $server->stop();
}
?>
--EXPECT--
-- in the clear
101 
1 grüße
2 210000 bytes
1 126 bytes
1 one two three
9 are you there
1 pong came
2 200000 bytes
10 our ping
10 between
1 in two parts
close 4001 as you like
closed 0
[["open","\/chat?room=1"],["end",4001,""]]
closed by a frame
101 
close 4002 enough
closed 0
[["open","\/"],["end",4002,"enough"]]
closed by close()
101 
closed 0
[["open","\/"],["end",1000,""]]
403 not here
closed 0
-- under TLS
101 
1 grüße
2 210000 bytes
1 126 bytes
1 one two three
9 are you there
1 pong came
2 200000 bytes
10 our ping
10 between
1 in two parts
close 4001 as you like
closed 0
[["open","\/chat?room=1"],["end",4001,""]]
closed by a frame
101 
close 4002 enough
closed 0
[["open","\/"],["end",4002,"enough"]]
closed by close()
101 
closed 0
[["open","\/"],["end",1000,""]]
403 not here
closed 0
