--TEST--
An answer to a peer that has left is false, without a warning
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    if ($request->server['path_info'] === '/keep') {
        $GLOBALS['kept'][] = $response;
        if (isset($request->get['begin'])) {
            $response->write('one');
        }
        tell($response->fd);
        return;
    }
    if ($request->server['path_info'] === '/first') {
        $response->end('first');
        return;
    }
    $results = [];
    foreach ($GLOBALS['kept'] as $old) {
        $results[] = [$old->isWritable(), $old->header('a', 'b') === null, $old->end('late'), $old->isWritable()];
    }
    $GLOBALS['kept'] = $old = null;
    $response->end(json_encode([$results, $GLOBALS['said']]));
PHP, '$serv->on("close", fn ($serv, $fd) => isset($GLOBALS["kept"]) && tell("closed"));');
foreach (['/keep', '/keep?begin=1'] as $path) {
    // Closing with the first answer unread resets the connection: the server knows at once.
    $stream = dial($port);
    write_all($stream, "GET /first HTTP/1.1\r\nHost: h\r\n\r\nGET $path HTTP/1.1\r\nHost: h\r\n\r\n");
    echo $server->hear() > 0 ? 'kept ' : '';
    $read = [$stream];
    $none = null;
    stream_select($read, $none, $none, 5);
    fclose($stream);
    echo $server->hear(), "\n";
}
echo http_get($port, '/look')['body'], "\n";
var_dump(stop($server));
?>
--EXPECT--
kept closed
kept closed
[[[false,true,false,false],[false,false,false,false]],["Swoole\\Http\\Response::header(): The header has been sent already"]]
int(0)
