--TEST--
Misuse of ports is told in one clear line: addresses, options of the server, missing callbacks, what must come before start
--EXTENSIONS--
tether
--FILE--
<?php
set_error_handler(function ($level, $text) {
    echo "  warning: $text\n";
    return true;
});
function attempt(string $what, callable $do): void
{
    echo "$what\n";
    try {
        $result = $do();
        echo '  ', is_object($result) ? get_class($result) : json_encode($result), "\n";
    } catch (Throwable $e) {
        echo '  ', get_class($e), ': ', $e->getMessage(), "\n";
    }
}
$serv = new Swoole\Http\Server('127.0.0.1', 0);
$taken = stream_socket_server('udp://127.0.0.1:0', $errno, $error, STREAM_SERVER_BIND);
$number = (int) substr(strrchr(stream_socket_get_name($taken, false), ':'), 1);
attempt('new', fn () => new Swoole\Server\Port());
attempt('two arguments', fn () => $serv->listen('127.0.0.1', 0));
attempt('port', fn () => $serv->listen('127.0.0.1', -1, SWOOLE_SOCK_TCP));
attempt('type', fn () => $serv->listen('127.0.0.1', 0, 77));
attempt('name', fn () => $serv->listen('localhost', 0, SWOOLE_SOCK_UDP));
ob_start(fn ($text) => str_replace($number, 'N', $text));
attempt('taken', fn () => [$serv->listen('127.0.0.1', $number, SWOOLE_SOCK_UDP), $serv->getLastError(), count($serv->ports)]);
ob_end_flush();
$port = $serv->listen('127.0.0.1', 0, SWOOLE_SOCK_TCP);
attempt('set', fn () => $port->set(['worker_num' => 3, 'backlog' => 5, 'package_length_tipe' => 'n']));
attempt('set a bad value', fn () => $port->set(['package_length_type' => 'q']));
attempt('set a long mark', fn () => $port->set(['package_eof' => '123456789']));
var_dump($port->setting);
attempt('on', fn () => [$port->on('request', fn () => 1), $port->on('workerstart', fn () => 1), $port->on('reqest', fn () => 1), $port->on('handshake', fn () => 1)]);
attempt('clone', fn () => clone $port);
attempt('serialize', fn () => serialize($port));
attempt('missing', function () use ($serv) {
    $serv->on('request', fn () => 1);
    $serv->start();
});
$port->on('receive', fn () => 1);
$port->set(['open_length_check' => true, 'package_length_func' => 'no_such_function']);
attempt('length function', fn () => $serv->start());
$port->set(['package_length_func' => 'strlen']);
$serv->set(['worker_num' => 1, 'log_file' => '/dev/null']);
$serv->on('start', function ($serv) use ($port) {
    attempt('listen later', fn () => $serv->listen('127.0.0.1', 0, SWOOLE_SOCK_TCP));
    attempt('set later', fn () => $port->set([]));
    attempt('on later', fn () => $port->on('connect', fn () => 1));
    attempt('sendto', fn () => $serv->sendto('127.0.0.1', 9, 'x'));
    $serv->shutdown();
});
attempt('sendto before', fn () => $serv->sendto('127.0.0.1', 9, 'x'));
attempt('start', fn () => $serv->start());
?>
--EXPECT--
new
  Error: Call to private Swoole\Server\Port::__construct() from global scope
two arguments
  ArgumentCountError: Swoole\Server::listen() expects exactly 3 arguments, 2 given
port
  ValueError: Swoole\Server::listen(): Argument #2 ($port) must be between 0 and 65535
type
  ValueError: Swoole\Server::listen(): Argument #3 ($sock_type) must be one of SWOOLE_SOCK_TCP, SWOOLE_SOCK_TCP6, SWOOLE_SOCK_UDP, SWOOLE_SOCK_UDP6, SWOOLE_SOCK_UNIX_STREAM and SWOOLE_SOCK_UNIX_DGRAM
name
  warning: Swoole\Server::listen(): failed to listen server port[localhost:0], Error: Invalid argument[22]: the host must be an IPv4 or IPv6 address, names are not resolved
  false
taken
  warning: Swoole\Server::listen(): failed to listen server port[127.0.0.1:N], Error: Address already in use[98]: another process serves there; stop it or choose another port
  [false,98,1]
set
  warning: Swoole\Server\Port::set(): unknown option "package_length_tipe", did you mean "package_length_type"?
  warning: Swoole\Server\Port::set(): option "worker_num" belongs to the server: a port does not take it
  true
set a bad value
  ValueError: option "package_length_type" must be one of c C s S n N l L v V
set a long mark
  ValueError: option "package_eof" must be 1 to 8 bytes long
array(3) {
  ["worker_num"]=>
  int(3)
  ["backlog"]=>
  int(5)
  ["package_length_tipe"]=>
  string(1) "n"
}
on
  warning: Swoole\Server\Port::on(): Unknown event 'workerstart'
  warning: Swoole\Server\Port::on(): Unknown event 'reqest', did you mean 'request'?
  warning: Swoole\Server\Port::on(): Event 'handshake' is not implemented yet: its callback will not run
  [true,false,false,false]
clone
  Error: Trying to clone an uncloneable object of class Swoole\Server\Port
serialize
  Exception: Serialization of 'Swoole\Server\Port' is not allowed
missing
  Swoole\Exception: Event callback 'receive' of port #1 is missing: register it with on() before start()
length function
  TypeError: option "package_length_func": function "no_such_function" not found or invalid function name
sendto before
  warning: Swoole\Server::sendto(): The server is not running
  false
start
listen later
  warning: Swoole\Server::listen(): The server is running: listen() must come before start()
  false
set later
  warning: Swoole\Server\Port::set(): The server is running: set() must come before start()
  false
on later
  warning: Swoole\Server\Port::on(): The server is running: on() must come before start()
  false
sendto
  warning: Swoole\Server::sendto(): The server listens on no UDP port
  false
  true
