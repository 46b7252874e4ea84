--TEST--
A detached response is not answered when it dies; create() makes another one that answers
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    switch ($request->server['path_info']) {
        case '/detach':
            $detached = [$response->detach(), $response->detach(), $response->isWritable(), $response->end('no')];
            tell([$response->fd, $detached]);
            break;
        case '/begin':
            $response->write('one');
            $response->detach();
            tell([$response->fd, null]);
            break;
        case '/answer':
            $other = Swoole\Http\Response::create((int) $request->get['fd']);
            if (!$other) {
                $response->end(end($GLOBALS['said']));
                break;
            }
            $same = [get_class($other), $other->fd === (int) $request->get['fd'], $other->isWritable(), $other->end('two')];
            $response->end(json_encode($same));
            break;
    }
PHP);
foreach (['detach', 'begin'] as $case) {
    $first = dial($port);
    write_all($first, "GET /$case HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    [$fd, $detached] = $server->hear();
    echo json_encode($detached), "\n", http_get($port, "/answer?fd=$fd")['body'], "\n", http_parse(read_until($first))['body'], "\n";
    echo str_replace((string) $fd, 'N', http_get($port, "/answer?fd=$fd")['body']), "\n";
}
var_dump(stop($server));
?>
--EXPECT--
[true,false,false,false]
["Swoole\\Http\\Response",true,true,true]
two
Swoole\Http\Response::create(): The session N has no request that waits for an answer
null
["Swoole\\Http\\Response",true,true,true]
onetwo
Swoole\Http\Response::create(): The session N has no request that waits for an answer
int(0)
