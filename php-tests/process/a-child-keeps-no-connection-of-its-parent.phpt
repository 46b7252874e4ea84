--TEST--
Swoole\Process: peers see the end of a connection that the parent closes while a child of it lives: of servers, pools and clients
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

// A worker's connection, and its listening socket: the children live on when the whole server has ended.
$line = stream_socket_server('tcp://127.0.0.1:0');
$children = (int) substr(strrchr(stream_socket_get_name($line, false), ':'), 1);
foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    putenv("TETHER_SERVER_MODE=$mode");
    [$server, $port] = start_server(<<<'PHP'
        $serv->on('receive', function ($serv, $fd, $reactor, $data) use ($children) {
            $child = new Swoole\Process(function ($process) use ($serv, $fd, $children) {
                // Copies: nobody else hears of what is done to them.
                $said = [@$serv->send($fd, 'from the child'), @$serv->close($fd)];
                $line = stream_socket_client("tcp://127.0.0.1:$children");
                fwrite($line, json_encode($said));
                fread($line, 1);
            });
            $child->start();
            $serv->send($fd, 'started');
            if ($data === 'close') {
                $serv->close($fd);
            }
        });
    PHP, ['worker_num' => 2], 'Server', ['children' => $children]);
    $near = dial($port);
    write_all($near, 'close');
    $lines = [stream_socket_accept($line)];
    echo "$mode: ", json_encode(read_until($near)), "\n";
    $other = dial($port);
    write_all($other, 'stay');
    $lines[] = stream_socket_accept($line);
    echo read_until($other, 7), "\n";
    $server->signal(15);
    echo json_encode(read_until($other)), ' ', json_encode($server->wait()), "\n";
    var_dump(@stream_socket_client("tcp://127.0.0.1:$port", $number, $text, 1));
    foreach ($lines as $child) {
        echo fread($child, 100), ' ';
        stream_set_blocking($child, false);
        var_dump(fread($child, 1) === '' && !feof($child));
        stream_socket_shutdown($child, STREAM_SHUT_WR);
        stream_set_blocking($child, true);
        var_dump(stream_get_contents($child));
    }
}

// A client's.
$listener = stream_socket_server('tcp://127.0.0.1:0');
$at = (int) substr(strrchr(stream_socket_get_name($listener, false), ':'), 1);
foreach (['Client' => [SWOOLE_TCP, SWOOLE_ASYNC], 'Redis' => []] as $class => $args) {
    $cli = new ("Swoole\\$class")(...$args);
    $done = function ($cli) use ($listener, $class) {
        $accepted = stream_socket_accept($listener);
        $process = new Swoole\Process(function ($process) use ($cli, $class) {
            if ($class === 'Client') {
                $process->write(json_encode([$cli->isConnected(), @$cli->send('x'), $cli->errCode, @$cli->close()]));
            } else {
                $process->write(json_encode(@$cli->get('x', fn () => 0)));
            }
            $process->read();
        });
        $process->start();
        echo "$class: ", $process->read(), "\n";
        $cli->close();
        var_dump(stream_get_contents($accepted));
        $process->write('end');
        var_dump(Swoole\Process::wait()['code']);
    };
    if ($class === 'Client') {
        foreach (['connect' => $done, 'receive' => fn () => 0, 'error' => fn () => print("error\n"), 'close' => fn () => print("closed\n")] as $event => $do) {
            $cli->on($event, $do);
        }
        $cli->connect('127.0.0.1', $at);
    } else {
        $cli->on('close', fn () => print("closed\n"));
        $cli->connect('127.0.0.1', $at, $done);
    }
    unset($done, $cli);
    Swoole\Event::wait();
}
var_dump(ledger_empty());
?>
--EXPECT--
SWOOLE_BASE: "started"
started
"" 0
bool(false)
[true,true] bool(true)
string(0) ""
[true,true] bool(true)
string(0) ""
SWOOLE_PROCESS: "started"
started
"" 0
bool(false)
[true,true] bool(true)
string(0) ""
[true,true] bool(true)
string(0) ""
Client: [false,false,5001,false]
closed
string(0) ""
int(0)
Redis: false
closed
string(0) ""
int(0)
bool(true)
