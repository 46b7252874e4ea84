--TEST--
Misuse of a server is told in one clear line: unknown options and events, what must come before start, missing callbacks, arguments
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

set_error_handler(function ($level, $text) {
    echo '  ', $level === E_WARNING ? 'warning' : $level, ": $text\n";
    return true;
});
function attempt(string $what, callable $do): void
{
    echo "$what\n";
    try {
        $result = $do();
        echo '  ', is_object($result) ? get_class($result) : json_encode($result), "\n";
    } catch (Throwable $e) {
        echo '  ', get_class($e), " {$e->getCode()}: ", preg_replace('~:\d{4,5}\b~', ':PORT', $e->getMessage()), "\n";
    }
}

attempt('no arguments', fn () => new Swoole\Server());
attempt('too many', fn () => new Swoole\Server('127.0.0.1', 0, SWOOLE_BASE, SWOOLE_SOCK_TCP, 5));
attempt('host of a wrong type', fn () => new Swoole\Server([]));
attempt('port of a wrong type', fn () => new Swoole\Server('127.0.0.1', 'x'));
attempt('port out of range', fn () => new Swoole\Server('127.0.0.1', 70000));
attempt('mode', fn () => new Swoole\Server('127.0.0.1', 0, 9));
attempt('sock_type', fn () => new Swoole\Server('127.0.0.1', 0, SWOOLE_BASE, 99));
attempt('a name', fn () => new Swoole\Server('localhost', 0));
attempt('no such address', fn () => new Swoole\Server('192.0.2.1', 0));
attempt('unix path in no folder', fn () => new Swoole\Server('/nonexistent/x.sock', 0, SWOOLE_BASE, SWOOLE_SOCK_UNIX_STREAM));
attempt('process mode', fn () => new Swoole\Server('127.0.0.1', 0, SWOOLE_PROCESS));
$taken = stream_socket_server('tcp://127.0.0.1:0');
$port = (int) substr(strrchr(stream_socket_get_name($taken, false), ':'), 1);
attempt('port in use', fn () => new Swoole\Http\Server('127.0.0.1', $port));

$serv = new Swoole\Http\Server('127.0.0.1', 0);
attempt('constructed twice', fn () => $serv->__construct('127.0.0.1', 0));
attempt('clone', fn () => clone $serv);
attempt('serialize', fn () => serialize($serv));
attempt('unknown option', fn () => $serv->set(['worker_nun' => 1]));
attempt('option of later', fn () => $serv->set(['task_ipc_mode' => 2]));
attempt('option out of range', fn () => $serv->set(['log_level' => 99]));
attempt('option of a wrong type', fn () => $serv->set(['worker_num' => 'many']));
attempt('set without an array', fn () => $serv->set(5));
attempt('set without anything', fn () => $serv->set());
attempt('unknown event', fn () => $serv->on('recieve', fn () => null));
attempt('event of later', fn () => $serv->on('handshake', fn () => null));
attempt('uncallable', fn () => $serv->on('request', 'no_such_function'));
attempt('missing callback', fn () => $serv->start());
attempt('missing callback of a plain server', fn () => (new Swoole\Server('127.0.0.1', 0))->start());
$not_running = ['shutdown' => [], 'reload' => [], 'stop' => [], 'stats' => [], 'send' => [1, 'x'], 'close' => [1], 'exist' => [1], 'getClientInfo' => [1]];
foreach ($not_running as $method => $args) {
    attempt("$method before start", fn () => $serv->$method(...$args));
}
attempt('send without arguments', fn () => $serv->send());
attempt('send with a wrong fd', fn () => $serv->send('x', 'data'));
attempt('close with a wrong fd', fn () => $serv->close([]));

final class Lost extends Swoole\Server
{
    public function __construct()
    {
    }
}
attempt('parent not called, set', fn () => (new Lost)->set(['worker_num' => 1]));
attempt('parent not called, start', fn () => (new Lost)->start());

$serv->set(['worker_num' => 1, 'log_file' => '/dev/null']);
$serv->on('request', fn () => null);
$serv->on('managerstart', function () use ($serv) {
    attempt('set after start', fn () => $serv->set(['worker_num' => 2]));
    attempt('on after start', fn () => $serv->on('request', fn () => null));
    attempt('start within', fn () => $serv->start());
    attempt('another server within', function () {
        $other = new Swoole\Http\Server('127.0.0.1', 0);
        $other->on('request', fn () => null);
        return $other->start();
    });
    attempt('send in the master', fn () => $serv->send(1, 'x'));
    attempt('stop without an id in the master', fn () => $serv->stop());
    $serv->shutdown();
});
attempt('start', fn () => $serv->start());
attempt('start again', fn () => $serv->start());
?>
--EXPECT--
no arguments
  ArgumentCountError 0: Swoole\Server::__construct() expects at least 1 argument, 0 given
too many
  ArgumentCountError 0: Swoole\Server::__construct() expects at most 4 arguments, 5 given
host of a wrong type
  TypeError 0: Swoole\Server::__construct(): Argument #1 ($host) must be of type string, array given
port of a wrong type
  TypeError 0: Swoole\Server::__construct(): Argument #2 ($port) must be of type int, string given
port out of range
  ValueError 0: Swoole\Server::__construct(): Argument #2 ($port) must be between 0 and 65535
mode
  ValueError 0: Swoole\Server::__construct(): Argument #3 ($mode) must be SWOOLE_BASE or SWOOLE_PROCESS
sock_type
  ValueError 0: Swoole\Server::__construct(): Argument #4 ($sock_type) must be one of SWOOLE_SOCK_TCP, SWOOLE_SOCK_TCP6, SWOOLE_SOCK_UDP, SWOOLE_SOCK_UDP6, SWOOLE_SOCK_UNIX_STREAM and SWOOLE_SOCK_UNIX_DGRAM
a name
  Swoole\Exception 22: failed to listen server port[localhost:0], Error: Invalid argument[22]: the host must be an IPv4 or IPv6 address, names are not resolved
no such address
  Swoole\Exception 99: failed to listen server port[192.0.2.1:0], Error: Cannot assign requested address[99]: this machine has no such address
unix path in no folder
  Swoole\Exception 2: failed to listen server port[/nonexistent/x.sock], Error: No such file or directory[2]
process mode
  Swoole\Server
port in use
  Swoole\Exception 98: failed to listen server port[127.0.0.1:PORT], Error: Address already in use[98]: another process serves there; stop it or choose another port
constructed twice
  Swoole\Exception 0: The server is constructed already
clone
  Error 0: Trying to clone an uncloneable object of class Swoole\Http\Server
serialize
  Exception 0: Serialization of 'Swoole\Http\Server' is not allowed
unknown option
  warning: Swoole\Server::set(): unknown option "worker_nun", did you mean "worker_num"?
  true
option of later
  warning: Swoole\Server::set(): option "task_ipc_mode" has no effect: tasks travel through unix sockets (1), not as 2 wants
  true
option out of range
  ValueError 0: option "log_level" must be between 0 and 5, 99 given
option of a wrong type
  TypeError 0: option "worker_num" must be of type int, string given
set without an array
  TypeError 0: Swoole\Server::set(): Argument #1 ($settings) must be of type array, int given
set without anything
  ArgumentCountError 0: Swoole\Server::set() expects exactly 1 argument, 0 given
unknown event
  warning: Swoole\Server::on(): Unknown event 'recieve', did you mean 'receive'?
  false
event of later
  warning: Swoole\Server::on(): Event 'handshake' is not implemented yet: its callback will not run
  false
uncallable
  TypeError 0: Swoole\Server::on(): Argument #2 ($callback) must be a valid callback, function "no_such_function" not found or invalid function name
missing callback
  Swoole\Exception 0: Event callback 'request' is missing: register it with on() before start()
missing callback of a plain server
  Swoole\Exception 0: Event callback 'receive' is missing: register it with on() before start()
shutdown before start
  warning: Swoole\Server::shutdown(): The server is not running
  false
reload before start
  warning: Swoole\Server::reload(): The server is not running
  false
stop before start
  warning: Swoole\Server::stop(): The server is not running
  false
stats before start
  warning: Swoole\Server::stats(): The server is not running
  false
send before start
  warning: Swoole\Server::send(): Connections can be used in a running worker only
  false
close before start
  warning: Swoole\Server::close(): Connections can be used in a running worker only
  false
exist before start
  warning: Swoole\Server::exist(): The server is not running
  false
getClientInfo before start
  warning: Swoole\Server::getClientInfo(): The server is not running
  false
send without arguments
  ArgumentCountError 0: Swoole\Server::send() expects at least 2 arguments, 0 given
send with a wrong fd
  TypeError 0: Swoole\Server::send(): Argument #1 ($fd) must be of type int, string given
close with a wrong fd
  TypeError 0: Swoole\Server::close(): Argument #1 ($fd) must be of type int, array given
parent not called, set
  true
parent not called, start
  Swoole\Exception 0: The server was not constructed: call the parent's constructor
start
set after start
  warning: Swoole\Server::set(): The server is running: set() must come before start()
  false
on after start
  warning: Swoole\Server::on(): The server is running: on() must come before start()
  false
start within
  warning: Swoole\Server::start(): The server was started before: a server object starts once
  false
another server within
  warning: Swoole\Server::start(): Another server is running in this process
  false
send in the master
  warning: Swoole\Server::send(): Connections can be used in a running worker only
  false
stop without an id in the master
  false
  true
start again
  warning: Swoole\Server::start(): The server was started before: a server object starts once
  false
