--TEST--
max_conn: connections above it are accepted and closed at once, without onConnect; one that ends makes room
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

// The least that two workers allow.
foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    putenv("TETHER_SERVER_MODE=$mode");
    [$server, $port] = start_server(<<<'PHP'
        $connects = new Swoole\Atomic();
        $serv->on('connect', fn () => $connects->add());
        $serv->on('receive', fn ($serv, $fd, $reactor, $data) => $serv->send($fd, count($serv->connections) . ' of ' . $connects->get() . ';'));
    PHP, ['worker_num' => 2, 'reactor_num' => 2, 'max_connection' => 36], 'Server');
    $streams = [];
    for ($i = 0; $i < 36; $i++) {
        $streams[] = $stream = dial($port);
        raw_request($stream, 'a', ';');
    }
    $refused = dial($port);
    echo "$mode: ", json_encode(read_until($refused)), ' ', raw_request($streams[0], 'a', ';'), ' ';
    fclose(array_pop($streams));
    // When the server has seen that, there is room again.
    wait_for(fn () => str_starts_with(raw_request($streams[0], 'a', ';'), '35'));
    echo raw_request($streams[] = dial($port), 'a', ';'), ' ', stop($server), "\n";
}
// Without the option as many as the classic engine took, or as the descriptors allow; setting tells.
[$server] = start_server("\$serv->on('receive', fn () => 1); \$serv->on('workerstart', fn (\$serv) => tell(\$serv->setting['max_connection']));", [], 'Server');
var_dump(in_array($server->hear(), range(1000, 100000), true), stop($server));
?>
--EXPECT--
SWOOLE_BASE: "" 36 of 36; 36 of 37; 0
SWOOLE_PROCESS: "" 36 of 36; 36 of 37; 0
bool(true)
int(0)
