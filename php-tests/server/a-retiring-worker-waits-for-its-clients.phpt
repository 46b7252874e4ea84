--TEST--
A worker that was told to end waits for its async clients and what they answer, up to max_wait_time, and calls onWorkerExit meanwhile
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

$backend = stream_socket_server('tcp://127.0.0.1:0');
$where = (int) substr(strrchr(stream_socket_get_name($backend, false), ':'), 1);
foreach (['in time' => 10, 'too late' => 0.3] as $case => $wait) {
    foreach (['shutdown', 'reload'] as $how) {
        [$server, $port, $log] = start_server(<<<'PHP'
            $serv->on('request', function ($request, $response) use ($where) {
                $client = new Swoole\Http\Client('127.0.0.1', $where);
                $client->set(['timeout' => 20]);
                $client->get('/', function ($client) use ($response) {
                    $response->end("backend: $client->statusCode $client->body");
                });
            });
            $serv->on('workerexit', function ($serv, $id) {
                if (!isset($GLOBALS['told'])) {
                    $GLOBALS['told'] = true;
                    tell("exit $id");
                }
            });
            $serv->on('workerstop', fn ($serv, $id) => tell("stop $id"));
        PHP, ['max_wait_time' => $wait], variables: ['where' => $where]);
        $asked = dial($port);
        write_all($asked, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        $accepted = stream_socket_accept($backend);
        read_until($accepted, "\r\n\r\n");
        $server->signal($how === 'shutdown' ? 15 : 10);
        $words = [$server->hear()];
        if ($case === 'in time') {
            write_all($accepted, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlate!");
        }
        // One that was replaced gives the connection to its successor then.
        $raw = $how === 'reload' ? http_ask($asked, '')['raw'] : read_until($asked);
        $words[] = $server->hear();
        if ($how === 'reload') {
            $server->signal(15);
        }
        preg_match_all('~WARNING .*~', file_get_contents($log), $warnings);
        echo "$case, $how: ", json_encode([http_parse($raw)['status'], http_parse($raw)['body'], ...$words, ...hear_to_the_end($server)]), "\n", implode("\n", $warnings[0]), "\n";
        fclose($accepted);
    }
}
?>
--EXPECTF--
in time, shutdown: [200,"backend: 200 late!","exit 0","stop 0",["returned",true],0]

in time, reload: [200,"backend: 200 late!","exit 0","stop 0","exit 0","stop 0",["returned",true],0]

too late, shutdown: [500,"","exit 0","stop 0",["returned",true],0]
WARNING max_wait_time is over [9012]: 1 connections and 1 clients were still busy
WARNING still running: #%d client Swoole\Http\Client#%d open 127.0.0.1:%d %d.php:12 %fs
too late, reload: [500,"","exit 0","stop 0","exit 0","stop 0",["returned",true],0]
WARNING max_wait_time is over [9012]: 1 connections and 1 clients were still busy
WARNING still running: #%d client Swoole\Http\Client#%d open 127.0.0.1:%d %d.php:12 %fs
