--TEST--
Each port of a server has its own protocol, options, callbacks and connections; what it has not is the server's
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$path = temp_path('.sock');
[$server, $port] = start_server(<<<'PHP'
    $serv->on('request', function ($request, $response) use ($serv) {
        $response->end("http on {$request->server['server_port']} to {$serv->getClientInfo($request->fd)['server_port']}");
    });
    $serv->on('receive', fn ($serv, $fd, $reactor, $data) => $serv->send($fd, "server: $data"));
    $serv->on('close', fn ($serv, $fd) => tell("server: close on {$serv->getClientInfo($fd)['server_port']}"));
    $inherits = $serv->listen('127.0.0.1', 0, SWOOLE_SOCK_TCP);
    $raw = $serv->addListener('127.0.0.1', 0, SWOOLE_SOCK_TCP);
    $raw->set(['package_max_length' => 100000]);
    $raw->on('connect', fn ($serv, $fd) => $serv->send($fd, 'hello '));
    $raw->on('receive', function ($serv, $fd, $reactor, $data) use ($raw) {
        $ids = fn ($it) => iterator_to_array($it);
        $serv->send($fd, json_encode([$data, $ids($raw->connections) === [$fd], count($raw->connections), count($serv->connections), isset($serv->ports[0]->connections[$fd]), isset($raw->connections[$fd])]));
    });
    $raw->on('close', fn () => tell('raw: close'));
    $lines = $serv->listen('::1', 0, SWOOLE_SOCK_TCP6);
    $lines->set(['open_eof_split' => true, 'package_eof' => "\n"]);
    $unix = $serv->listen($path, 0, SWOOLE_SOCK_UNIX_STREAM);
    $unix->set(['open_http_protocol' => true]);
    $unix->on('request', fn ($request, $response) => $response->end('http on unix'));
    $serv->on('workerstart', fn ($serv) => tell([array_map(fn ($port) => $port->port, $serv->ports), [get_class($raw), $raw->host, $raw->type, $raw->sock > 2, $raw->setting, $inherits->setting === $serv->setting, $serv->ports[1] === $inherits]]));
PHP, [], 'Http\Server', ['path' => $path]);
[$ports, $facts] = $server->hear();
var_dump($ports[0] === $port, count(array_unique($ports)), $ports[4]);
echo json_encode($facts), "\n";
echo http_get($port)['body'] === "http on $port to $port" ? "primary\n" : "wrong\n";
echo http_get($ports[1])['body'] === "http on $ports[1] to $ports[1]" ? "inherits\n" : "wrong\n";
$kept = dial($port);
$stream = dial($ports[2]);
write_all($stream, 'x');
echo read_until($stream, fn ($got) => str_ends_with($got, ']')), "\n";
fclose($stream);
$heard = [$server->hear(), $server->hear(), $server->hear()];
sort($heard);
var_dump($heard === ['raw: close', "server: close on $port", "server: close on $ports[1]"] || $heard);
$stream = dial("tcp://[::1]:$ports[3]");
write_all($stream, "one\ntwo\nthr");
write_all($stream, "ee\n");
echo read_until($stream, fn ($got) => str_ends_with($got, "three\n"));
fclose($stream);
echo $server->hear() === "server: close on $ports[3]" ? "fallback\n" : "wrong\n";
echo http_get($path)['body'], "\n";
fclose($kept);
var_dump(stop($server), file_exists($path));
?>
--EXPECTF--
bool(true)
int(5)
int(0)
["Swoole\\Server\\Port","127.0.0.1",1,true,{"package_max_length":100000},true,true]
primary
inherits
hello ["x",true,1,2,false,true]
bool(true)
server: one
server: two
server: three
fallback
http on unix
int(0)
bool(false)
