--TEST--
The harness: children, peers and measures do what their tests rely on
--EXTENSIONS--
tether
sockets
--FILE--
<?php
require __DIR__ . '/harness.inc';

$server = run_server(<<<'PHP'
<?php
$listener = stream_socket_server("tcp://127.0.0.1:$port");
ready();
tell(extension_loaded('tether'));
$stream = stream_socket_accept($listener);
fread($stream, 8192);
fwrite($stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
fclose($stream);
exit(listen());
PHP, ['port' => $port = free_port()]);
var_dump($server->hear());
echo http_get($port)['body'], "\n";
$server->say(7);
var_dump($server->wait());

$sleeper = run_server("<?php\nready();\nwhile (true) sleep(1);");
var_dump(stop($sleeper), $sleeper->running());

try {
    run_server("<?php\nexit(3);");
} catch (RuntimeException $e) {
    echo strtok($e->getMessage(), "\n"), "\n", strtok("\n"), "\n";
}

$descriptors = fd_count();
$stream = dial(($peer = silent_peer())->where);
fwrite($stream, 'x');
echo json_encode([$peer->hear(), $peer->hear()]), "\n";
fclose($stream);
echo json_encode($peer->hear()), "\n";
unset($peer);

// What was reset takes no more; what was closed in order does.
foreach ([reset_peer(1), closing_peer(1)] as $peer) {
    $stream = dial($peer->where);
    fwrite($stream, 'x');
    read_until($stream);
    var_dump(@fwrite($stream, 'y'));
}

$peer = silent_peer();
$stream = socket_import_stream(dial($peer->where));
socket_set_option($stream, SOL_SOCKET, SO_LINGER, ['l_onoff' => 1, 'l_linger' => 0]);
socket_close($stream);
echo json_encode($peer->saw('reset')), "\n";

var_dump(raw_request(closing_peer(1)->where, 'x'));
var_dump(bin2hex(raw_request(answering_peer("\0\xff")->where, 'x', 2)));
var_dump(raw_request(peer(['answer' => true, 'unix' => true])->where, 'unix', 4));

foreach ([refusing_port(), ($full = full_backlog_listener())->port] as $at) {
    var_dump(@stream_socket_client("tcp://127.0.0.1:$at", $errno, $error, 0.1), $errno);
}

$kept = [];
var_dump(stays_flat(static fn () => new stdClass()));
ob_start();
$flat = stays_flat(static function () use (&$kept) {
    $kept[] = str_repeat('x', 1000);
});
$said = ob_get_clean();
// Without the Zend allocator, which valgrind replaces, PHP does not know what it has.
var_dump(getenv('TETHER_JUDGE') === 'valgrind' || (!$flat && str_starts_with($said, 'memory: ')));
?>
--EXPECT--
bool(true)
abcde
int(7)
int(143)
bool(false)
the server did not get ready: it said nothing
exit code 3
[["connect",0],["data",0,"x"]]
["fin",0]
bool(false)
int(1)
["reset",0]
string(0) ""
string(4) "00ff"
string(4) "unix"
bool(false)
int(111)
bool(false)
int(110)
bool(true)
bool(true)
