--TEST--
Whatever a handler did to its request and response, the next one finds new ones
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    [$mark, $act] = [$request->header['x-mark'] ?? '', $request->get['act'] ?? ''];
    // One by one: a table of all properties would keep the object from being used again.
    $now = [];
    foreach (['get', 'post', 'cookie', 'files', 'tmpfiles', 'request', 'mine'] as $name) {
        $now[$name] = $request->$name ?? null;
    }
    $now['response'] = [$response->header, $response->cookie, $response->trailer];
    $GLOBALS['events'][] = "$mark $act: " . count($request->header) . ' headers, ' . count($request->server) . ' facts, '
        . json_encode($now) . ' ' . json_encode(array_map(fn ($weak) => $weak->get() !== null, $GLOBALS['weak'] ?? []));
    $GLOBALS['weak'] = [];
    match ($act) {
        'write' => [
            $request->header['x-mark'] = 'written',
            $request->header['x-object'] = new Loud('in header'),
            $request->server['x'] = new Loud('in server'),
            $request->get = new Loud('as get'),
            $request->post = 'post',
            $request->fd = 'fd',
            $response->header('X-Mark', $mark),
            $response->cookie('a', 'b'),
            $response->status(201, 'Mine'),
            $response->trailer = ['t'],
        ],
        'unset' => (function () use ($request, $response) {
            unset($request->header, $request->cookie, $request->fd, $response->fd, $response->header);
        })(),
        'refer' => (function () use ($request) {
            $header = &$request->header;
            $header['x-mark'] = 'referred';
            $request->cookie = &$GLOBALS['shared'];
        })(),
        'add' => $request->mine = new Loud('added'),
        'watch' => $GLOBALS['weak'] = [WeakReference::create($request), WeakReference::create($response)],
        'keep' => $GLOBALS['kept'] = [$request, $response, $request->header],
        'drop' => (function () {
            [$request, , $header] = $GLOBALS['kept'];
            $header['x-object'] = 'own copy';
            $GLOBALS['events'][] = 'kept: ' . $request->header['x-mark'] . ' ' . $request->get['act'] . ' ' . count($header);
            $GLOBALS['kept'] = null;
        })(),
        'throw' => $GLOBALS['thrown'] = true,
        default => null,
    };
    if ($act === 'throw') {
        throw new Exception('out');
    }
    if ($act === 'tell') {
        $response->end(implode("\n", $GLOBALS['events']));
        $GLOBALS['events'] = [];
    } elseif ($act !== 'none') {
        $response->end();
    }
    if (isset($request->fd)) {
        $GLOBALS['fds'][$request->fd] = $response->fd ?? null;
    }
PHP, <<<'PHP'
class Loud
{
    public function __construct(private string $name)
    {
    }
    public function __destruct()
    {
        $GLOBALS['events'][] = "~$this->name";
    }
}
set_exception_handler(fn ($e) => $GLOBALS['events'][] = 'handler: ' . $e->getMessage());
PHP);

$stream = dial($port);
$ask = function (string $act, string $mark = 'same') use ($stream): string {
    return raw_request($stream, "GET /?act=$act HTTP/1.1\r\nHost: h\r\nX-Mark: $mark\r\nCookie: c=1\r\n\r\n",
        fn ($got) => str_contains($got, "\r\n\r\n") && strlen(http_parse($got)['body']) === (int) (http_parse($got)['headers']['content-length'] ?? 0));
};
foreach (['write', 'unset', 'refer', 'add', 'watch', 'keep', 'plain', 'drop', 'none', 'throw', 'plain'] as $n => $act) {
    $answer = $ask($act);
    echo strtok($answer, "\r"), preg_match_all('/(x-mark|set-cookie): [^\r]+/i', $answer, $own) ? ' ' . implode(', ', $own[0]) : '', "\n";
}
$ask('plain', 'other');
echo http_parse($ask('tell'))['body'], "\n";
var_dump(stop($server));
?>
--EXPECT--
HTTP/1.1 201 Mine X-Mark: same, Set-Cookie: a=b
HTTP/1.1 200 OK
HTTP/1.1 200 OK
HTTP/1.1 200 OK
HTTP/1.1 200 OK
HTTP/1.1 200 OK
HTTP/1.1 200 OK
HTTP/1.1 200 OK
HTTP/1.1 500 Internal Server Error
HTTP/1.1 500 Internal Server Error
HTTP/1.1 200 OK
same write: 2 headers, 12 facts, {"get":{"act":"write"},"post":null,"cookie":{"c":"1"},"files":null,"tmpfiles":null,"request":null,"mine":null,"response":[null,null,null]} []
~in header
~in server
~as get
same unset: 2 headers, 12 facts, {"get":{"act":"unset"},"post":null,"cookie":{"c":"1"},"files":null,"tmpfiles":null,"request":null,"mine":null,"response":[null,null,null]} []
same refer: 2 headers, 12 facts, {"get":{"act":"refer"},"post":null,"cookie":{"c":"1"},"files":null,"tmpfiles":null,"request":null,"mine":null,"response":[null,null,null]} []
same add: 2 headers, 12 facts, {"get":{"act":"add"},"post":null,"cookie":{"c":"1"},"files":null,"tmpfiles":null,"request":null,"mine":null,"response":[null,null,null]} []
~added
same watch: 2 headers, 12 facts, {"get":{"act":"watch"},"post":null,"cookie":{"c":"1"},"files":null,"tmpfiles":null,"request":null,"mine":null,"response":[null,null,null]} []
same keep: 2 headers, 12 facts, {"get":{"act":"keep"},"post":null,"cookie":{"c":"1"},"files":null,"tmpfiles":null,"request":null,"mine":null,"response":[null,null,null]} [false,false]
same plain: 2 headers, 12 facts, {"get":{"act":"plain"},"post":null,"cookie":{"c":"1"},"files":null,"tmpfiles":null,"request":null,"mine":null,"response":[null,null,null]} []
same drop: 2 headers, 12 facts, {"get":{"act":"drop"},"post":null,"cookie":{"c":"1"},"files":null,"tmpfiles":null,"request":null,"mine":null,"response":[null,null,null]} []
kept: same keep 3
same none: 2 headers, 12 facts, {"get":{"act":"none"},"post":null,"cookie":{"c":"1"},"files":null,"tmpfiles":null,"request":null,"mine":null,"response":[null,null,null]} []
same throw: 2 headers, 12 facts, {"get":{"act":"throw"},"post":null,"cookie":{"c":"1"},"files":null,"tmpfiles":null,"request":null,"mine":null,"response":[null,null,null]} []
handler: out
same plain: 2 headers, 12 facts, {"get":{"act":"plain"},"post":null,"cookie":{"c":"1"},"files":null,"tmpfiles":null,"request":null,"mine":null,"response":[null,null,null]} []
other plain: 2 headers, 12 facts, {"get":{"act":"plain"},"post":null,"cookie":{"c":"1"},"files":null,"tmpfiles":null,"request":null,"mine":null,"response":[null,null,null]} []
same tell: 2 headers, 12 facts, {"get":{"act":"tell"},"post":null,"cookie":{"c":"1"},"files":null,"tmpfiles":null,"request":null,"mine":null,"response":[null,null,null]} []
int(0)
