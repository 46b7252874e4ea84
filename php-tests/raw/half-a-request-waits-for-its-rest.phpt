--TEST--
Half a request waits for its rest, wherever it was cut; others are served meanwhile
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../http/program.inc';

[$server, $port] = serve(<<<'PHP'
    $GLOBALS['seen'] = ($GLOBALS['seen'] ?? 0) + 1;
    $response->end($GLOBALS['seen'] . ' ' . $request->server['request_uri'] . ' ' . $request->rawContent());
PHP);

$request = "POST /cut HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
$waiting = dial($port);
foreach ([3, 12, 20, strlen($request) - 7, strlen($request) - 6, strlen($request) - 2] as $cut) {
    write_all($waiting, substr($request, 0, $cut));
    // The server has read it when it answers another that came later.
    $other = http_get($port, '/other')['body'];
    $early = stream_get_contents_now($waiting);
    $answer = raw_request($waiting, substr($request, $cut), 'hello');
    echo $cut, ': ', $other, '| ', json_encode($early), ' ', substr($answer, strpos($answer, "\r\n\r\n") + 4), "\n";
}
// One that never comes is nobody's: its connection goes with its peer.
write_all($waiting, substr($request, 0, 30));
fclose($waiting);
echo http_get($port, '/last')['body'], "\n";
var_dump(stop($server));

function stream_get_contents_now($stream): string
{
    stream_set_blocking($stream, false);
    $bytes = (string) fread($stream, 65536);
    stream_set_blocking($stream, true);
    return $bytes;
}
?>
--EXPECT--
3: 1 /other | "" 2 /cut hello
12: 3 /other | "" 4 /cut hello
20: 5 /other | "" 6 /cut hello
48: 7 /other | "" 8 /cut hello
49: 9 /other | "" 10 /cut hello
53: 11 /other | "" 12 /cut hello
13 /last 
int(0)
