--TEST--
Pipelined requests are answered in order, though the first handler answers later, and in pieces
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../http/program.inc';

[$server, $port] = serve(<<<'PHP'
    $path = $request->server['path_info'];
    $GLOBALS['log'][] = $path;
    if ($path === '/later') {
        // Ends when the others have been handled.
        $GLOBALS['later'] = $response;
    } elseif ($path === '/pieces') {
        $response->write('<pieces');
        Swoole\Timer::after(5, function () use ($response) {
            $GLOBALS['log'][] = 'pieces end';
            $response->end('>');
        });
    } else {
        $response->end("<$path>");
    }
    if ($path === '/go') {
        Swoole\Timer::after(20, function () {
            $GLOBALS['log'][] = 'later ends';
            $GLOBALS['later']->end('<later>');
            unset($GLOBALS['later']);
            tell($GLOBALS['log']);
        });
    }
PHP);

$get = fn (...$paths) => implode('', array_map(fn ($path) => "GET $path HTTP/1.1\r\nHost: h\r\n\r\n", $paths));
$stream = dial($port);
$raw = raw_request($stream, $get('/later', '/a', '/pieces', '/b', '/go'), '</go>');
preg_match_all('~</?\w+>|<pieces|^>~m', $raw, $found);
echo implode(' ', $found[0]), "\n", json_encode($server->hear(), JSON_UNESCAPED_SLASHES), "\n";

// The connection is as good as new, and one that leaves meanwhile takes nothing with it.
echo explode("\r\n\r\n", raw_request($stream, $get('/c'), '</c>'))[1], "\n";
write_all($stream, $get('/later', '/d', '/go'));
fclose($stream);
echo count($server->hear()), ' ', http_get($port, '/e')['body'], "\n";
var_dump(stop($server));
?>
--EXPECT--
<later> </a> <pieces > </b> </go>
["/later","/a","/pieces","/b","/go","pieces end","later ends"]
</c>
12 </e>
int(0)
