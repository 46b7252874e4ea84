--TEST--
What has come of a request goes with its connection to the next worker, wherever it was cut: in the head, in a body, in a chunk, behind 100 Continue
--EXTENSIONS--
tether
--INI--
display_errors=0
log_errors=0
--FILE--
<?php
require __DIR__ . '/program.inc';

$head = "POST /a HTTP/1.1\r\nHost: h\r\n";
$large = str_repeat('0123456789', 10_000);
$requests = [
    'head' => [["POST /a HTTP/1.1\r\nHo"], "st: h\r\nContent-Length: 2\r\n\r\nhi", 'hi'],
    'first byte' => [['P'], "OST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi", 'hi'],
    'end of head' => [["{$head}Content-Length: 2\r\n\r\n"], 'hi', 'hi'],
    'body' => [["{$head}Content-Length: 100000\r\n\r\n", substr($large, 0, 70_000)], substr($large, 70_000), $large],
    'chunk' => [["{$head}Transfer-Encoding: chunked\r\n\r\n6\r\nfirst \r\n7;x=y\r\nsec"], "ond \r\n5\r\nthird\r\n0\r\nT: u\r\n\r\n", 'first second third'],
    'size' => [["{$head}Transfer-Encoding: chunked\r\n\r\n6\r\nfirst \r\n1"], "0\r\n0123456789abcdef\r\n0\r\n\r\n", 'first 0123456789abcdef'],
    'trailer' => [["{$head}Transfer-Encoding: chunked\r\n\r\n6\r\nfirst \r\n0\r\nT: "], "u\r\n\r\n", 'first '],
    'continue' => [["{$head}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"], 'hi', 'hi'],
    'behind another' => [["GET /b HTTP/1.1\r\nHost: h\r\n\r\n{$head}Content-Le"], "ngth: 2\r\n\r\nhi", 'hi'],
];
foreach (['reload', 'fatal'] as $how) {
    [$server, $port] = start_recycled();
    $old = hear_of($server, 'start')[1];
    $streams = [];
    foreach ($requests as $name => [$pieces]) {
        $streams[$name] = dial($port);
        foreach ($pieces as $piece) {
            write_all($streams[$name], $piece);
        }
    }
    read_until($streams['continue'], "100 Continue\r\n\r\n");
    http_ask($streams['behind another'], '');
    // A request on a new connection is served behind all that came before it: the worker has the halves.
    http_get($port);
    if ($how === 'reload') {
        $server->signal(10);
        hear_of($server, 'stop');
    } else {
        http_get($port, '/fatal');
    }
    foreach ($requests as $name => [, $rest, $body]) {
        $facts = facts($streams[$name], $rest);
        echo "$how, $name: ", json_encode([$facts['body'] === $body, $facts['uri'] ?? $facts, $facts['pid'] !== $old]), ' ';
        // It goes on as any connection.
        echo facts($streams[$name])['pid'] === $facts['pid'] ? 'good' : 'bad', "\n";
    }
    echo stop($server), "\n";
}
?>
--EXPECT--
reload, head: [true,"\/a",true] good
reload, first byte: [true,"\/a",true] good
reload, end of head: [true,"\/a",true] good
reload, body: [true,"\/a",true] good
reload, chunk: [true,"\/a",true] good
reload, size: [true,"\/a",true] good
reload, trailer: [true,"\/a",true] good
reload, continue: [true,"\/a",true] good
reload, behind another: [true,"\/a",true] good
0
fatal, head: [true,"\/a",true] good
fatal, first byte: [true,"\/a",true] good
fatal, end of head: [true,"\/a",true] good
fatal, body: [true,"\/a",true] good
fatal, chunk: [true,"\/a",true] good
fatal, size: [true,"\/a",true] good
fatal, trailer: [true,"\/a",true] good
fatal, continue: [true,"\/a",true] good
fatal, behind another: [true,"\/a",true] good
0
