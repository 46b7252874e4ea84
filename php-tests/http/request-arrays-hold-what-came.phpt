--TEST--
The arrays of a request hold what came, as the classic API names it
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    $response->end(serialize([
        $request->fd, $request->header, $request->server, $request->get, $request->post,
        $request->cookie, $request->files, $request->tmpfiles, $request->request,
    ]));
PHP);

function ask(int $port, string $head, string $body = ''): array
{
    $raw = raw_request($port, "$head\r\nHost: h\r\nConnection: close\r\n\r\n$body");
    return unserialize(http_parse($raw)['body']);
}

[$fd, $header, $server_, $get, $post, $cookie] = ask($port, implode("\r\n", [
    'POST /a/%62.php?a[b][]=1&a[b][]=2&c=d+e%2B&5=five&a[k]=v HTTP/1.1',
    'ACCEPT: one', 'accept: two', 'X-My-Own:  with spaces  ', '123: number',
    'Cookie: sid="abc"; x=a%20b+c; sid=second; 7=seven; novalue; list[a]=1',
    'Content-Type: Application/x-www-form-urlencoded; charset=utf-8', 'Content-Length: 21',
]), 'f[x][]=1&f[x][]=2&g=h');
echo json_encode($header), "\n", json_encode($get), "\n", json_encode($post), "\n", json_encode($cookie), "\n";

$now = time();
var_dump(is_int($fd) && $fd > 0, array_keys($server_) === ['query_string', 'request_method',
    'request_uri', 'path_info', 'request_time', 'request_time_float', 'server_port', 'remote_port',
    'remote_addr', 'master_time', 'server_protocol', 'server_software']);
var_dump($server_['server_port'] === $port, $server_['remote_port'] > 0);
var_dump(abs($server_['request_time'] - $now) < 60, abs($server_['request_time_float'] - $now) < 60);
var_dump($server_['master_time'] === $server_['request_time']);
foreach (['query_string', 'request_method', 'request_uri', 'path_info', 'remote_addr', 'server_protocol', 'server_software'] as $key) {
    echo "$key: {$server_[$key]}\n";
}

echo "--- nothing sent, nothing there\n";
$all = ask($port, "GET / HTTP/1.1");
var_dump(isset($all[2]['query_string']), array_slice($all, 3));
echo "--- not a form\n";
var_dump(ask($port, "POST / HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 3", 'a=b')[4]);
echo "--- an old client\n";
var_dump(ask($port, "GET / HTTP/1.0")[2]['server_protocol']);
echo "--- cookies past the cap\n";
var_dump(ask($port, "GET / HTTP/1.1\r\nCookie: a=" . str_repeat('x', 4096))[5]);
var_dump(stop($server));
?>
--EXPECT--
{"accept":"two","x-my-own":"with spaces","123":"number","content-type":"Application\/x-www-form-urlencoded; charset=utf-8","content-length":"21","host":"h","connection":"close"}
{"a":{"b":["1","2"],"k":"v"},"c":"d e+","5":"five"}
{"f":{"x":["1","2"]},"g":"h"}
{"sid":"abc","x":"a b+c","7":"seven","list[a]":"1"}
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
query_string: a[b][]=1&a[b][]=2&c=d+e%2B&5=five&a[k]=v
request_method: POST
request_uri: /a/%62.php
path_info: /a/%62.php
remote_addr: 127.0.0.1
server_protocol: HTTP/1.1
server_software: tether-http-server
--- nothing sent, nothing there
bool(false)
array(6) {
  [0]=>
  NULL
  [1]=>
  NULL
  [2]=>
  NULL
  [3]=>
  NULL
  [4]=>
  NULL
  [5]=>
  NULL
}
--- not a form
NULL
--- an old client
string(8) "HTTP/1.0"
--- cookies past the cap
NULL
int(0)
