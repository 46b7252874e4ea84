--TEST--
A response that is dropped is answered: with the status that was set, else with 500; one that was begun is cut
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    switch ($request->server['path_info']) {
        case '/nothing':
            break;
        case '/status':
            $response->header('X-Set', 'yes');
            $response->status(202);
            break;
        case '/begun':
            $response->write('some');
            break;
        case '/throw':
            throw new Exception('planned');
        case '/status-throw':
            $response->status(202, 'Never said');
            throw new Exception('planned');
        case '/begun-throw':
            $response->write('some');
            throw new Exception('planned');
        case '/kept-throw':
            $GLOBALS['kept'] = $response;
            throw new Exception('planned');
        case '/end-kept':
            $GLOBALS['kept']->end('later');
            $GLOBALS['kept'] = null;
            $response->end('done');
            break;
        case '/drop-kept':
            $GLOBALS['kept'] = null;
            $response->end('done');
            break;
        case '/cycle':
            $response->self = $response;
            tell('unreachable');
            break;
        case '/collect':
            $response->end((string) gc_collect_cycles());
            break;
    }
PHP, 'set_exception_handler(fn ($e) => tell($e->getMessage()));');

foreach (['nothing', 'status', 'throw', 'status-throw'] as $case) {
    $answer = http_get($port, "/$case");
    echo "$case: ", strtok($answer['raw'], "\r"), ' ', $answer['headers']['x-set'] ?? '-', ' ',
        $answer['headers']['content-length'] ?? '?', ' ', str_contains($case, 'throw') ? $server->hear() : '', "\n";
}
foreach (['begun', 'begun-throw'] as $case) {
    $raw = raw_request($port, "GET /$case HTTP/1.1\r\nHost: h\r\n\r\n");
    echo "$case: ", json_encode(explode("\r\n\r\n", $raw, 2)[1]), ' ', str_contains($case, 'throw') ? $server->hear() : '', "\n";
}
$lost = dial($port);
write_all($lost, "GET /cycle HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
echo $server->hear(), ' ', http_get($port, '/collect')['body'] > 0 ? 'collected ' : 'kept ', http_parse(read_until($lost))['status'], "\n";
foreach (['end-kept', 'drop-kept'] as $how) {
    $kept = dial($port);
    write_all($kept, "GET /kept-throw HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    echo $server->hear(), ' ', http_get($port, "/$how")['body'], ' ';
    $answer = http_parse(read_until($kept));
    echo $answer['status'], ' ', json_encode($answer['body']), "\n";
}
var_dump(stop($server));
?>
--EXPECT--
nothing: HTTP/1.1 500 Internal Server Error - 0 
status: HTTP/1.1 202 Accepted yes 0 
throw: HTTP/1.1 500 Internal Server Error - 0 planned
status-throw: HTTP/1.1 500 Internal Server Error - 0 planned
begun: "4\r\nsome\r\n" 
begun-throw: "4\r\nsome\r\n" planned
unreachable collected 500
planned done 200 "later"
planned done 500 ""
int(0)
