--TEST--
send() says why it fails: no such session 1005, closing 1003, the peer does not read 1008, too much at once 1202
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = start_server(<<<'PHP'
    set_error_handler(function ($level, $text) {
        tell("warning: $text");
        return true;
    });
    $serv->on('receive', function ($serv, $fd, $reactor, $data) {
        $try = function (string $name, $fd, $data) use ($serv) {
            $result = $serv->send($fd, $data);
            tell([$name, $result, $result ? 0 : $serv->getLastError(), $result ? 0 : swoole_last_error()]);
        };
        if ($data === 'overflow') {
            for ($i = 0; $i < 4000 && $serv->send($fd, str_repeat('x', 65536)); $i++);
            tell(['overflow', $i > 1 && $i < 4000, $serv->getLastError(), $serv->exist($fd)]);
            return;
        }
        if ($data === 'drained') {
            return $try('drained', $fd, 'y');
        }
        $try('fine', $fd, 'x');
        $try('string fd', (string) $fd, 'x');
        $try('unknown', 99999, 'x');
        $try('zero', 0, 'x');
        $try('negative', -1, 'x');
        $try('huge', PHP_INT_MAX, 'x');
        $try('empty', $fd, '');
        $try('number', $fd, 42);
        $try('large', $fd, str_repeat('x', 65537));
        $serv->close($fd);
        // Closing until the peer has closed too; then there is none.
        tell(['closed', $serv->send($fd, 'x'), in_array($serv->getLastError(), [1003, 1005])]);
    });
    $serv->on('close', function ($serv, $fd) {
        tell(['in close', $serv->send($fd, 'x'), $serv->getLastError(), $serv->close($fd), $serv->getLastError(), $serv->exist($fd)]);
    });
PHP, ['socket_buffer_size' => 131072, 'buffer_output_size' => 65536], 'Server');
$got = raw_request($port, 'go');
while (($word = $server->hear()) !== null) {
    echo json_encode($word), "\n";
    if ($word[0] === 'closed') {
        break;
    }
}
echo $got, "\n";
$stream = dial($port);
write_all($stream, 'overflow');
echo json_encode($server->hear()), "\n";
read_until($stream, fn ($got) => strlen($got) >= 131072 && strlen($got) % 65536 === 0);
write_all($stream, 'drained');
echo json_encode($server->hear()), "\n";
fclose($stream);
echo json_encode($server->hear()), "\n";
var_dump(stop($server));
?>
--EXPECT--
["fine",true,0,0]
["string fd",true,0,0]
["unknown",false,1005,1005]
["zero",false,1005,1005]
["negative",false,1005,1005]
["huge",false,1005,1005]
"warning: Swoole\\Server::send(): The data is empty"
["empty",false,1005,1005]
["number",true,0,0]
"warning: Swoole\\Server::send(): The data of 65537 bytes is larger than buffer_output_size (65536): send it in pieces"
["large",false,1202,1202]
["in close",false,1003,false,1003,false]
["closed",false,true]
xx42
["overflow",true,1008,true]
["drained",true,0,0]
["in close",false,1003,false,1003,false]
int(0)
