--TEST--
http_parse_post => false leaves a form as it is: $post stays null, rawContent() has the body
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

foreach ([true, false] as $parses) {
    [$server, $port] = start_server(<<<'PHP'
        $serv->on('request', fn ($request, $response) => $response->end(json_encode([$request->post, $request->rawContent()])));
    PHP, ['http_parse_post' => $parses]);
    $raw = raw_request($port, "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\na=1&b=2");
    echo json_encode($parses), ': ', http_parse($raw)['body'], ' ', stop($server), "\n";
}
?>
--EXPECT--
true: [{"a":"1","b":"2"},"a=1&b=2"] 0
false: [null,"a=1&b=2"] 0
