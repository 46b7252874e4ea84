--TEST--
A status is sent with the number and the reason that were set, known or not
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    [$code, $reason] = [(int) $request->get['code'], $request->get['reason'] ?? null];
    $set = $response->status($code, $reason);
    tell([$set, count($GLOBALS['said'])]);
    $response->end('body');
PHP);
foreach (['404', '308', '299', '599', '200&reason=Fine', '418&reason=Short+and+stout', '204', '304', '0', '100', '1000', '-1'] as $code) {
    $answer = http_get($port, "/?code=$code");
    echo strtok($answer['raw'], "\r"), ' | ', json_encode($answer['body']), ' ', json_encode($server->hear()), "\n";
}
var_dump(stop($server));
?>
--EXPECT--
HTTP/1.1 404 Not Found | "body" [null,0]
HTTP/1.1 308 Permanent Redirect | "body" [null,0]
HTTP/1.1 299 Unknown | "body" [null,0]
HTTP/1.1 599 Unknown | "body" [null,0]
HTTP/1.1 200 Fine | "body" [null,0]
HTTP/1.1 418 Short and stout | "body" [null,0]
HTTP/1.1 204 No Content | "" [null,0]
HTTP/1.1 304 Not Modified | "" [null,0]
HTTP/1.1 200 OK | "body" [false,1]
HTTP/1.1 200 OK | "body" [false,2]
HTTP/1.1 200 OK | "body" [false,3]
HTTP/1.1 200 OK | "body" [false,4]
int(0)
