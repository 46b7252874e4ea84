--TEST--
The customer's onReceive: what class statics collect stays in the worker until PHP clears it
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/seeds.inc';
file_put_contents($file = temp_path('.php'), seed_program('statics'));
$server = run_server(<<<'PHP'
<?php
require $file;
final class Kept
{
    public function __destruct()
    {
        tell('destroyed');
    }
}
$serv = new Swoole\Server('127.0.0.1', 0);
$serv->set(['worker_num' => 1]);
$serv->on('Receive', 'onReceive');
$serv->on('Connect', function ($serv, $fd) {
    $serv->kept[$fd] = new Kept();
});
$serv->on('Close', function ($serv, $fd) {
    tell([array_values(array_unique(Test::$array)), strlen(Test::$string), count($serv->kept)]);
    unset($serv->kept[$fd]);
    tell('closed');
    if ($fd === 3) {
        Test::$array = [];
        Test::$string = '';
    }
});
$serv->on('WorkerStart', function ($serv) {
    ready();
    tell($serv->port);
});
$serv->start();
PHP, ['file' => $file]);
$port = $server->hear();
for ($i = 1; $i <= 4; $i++) {
    $stream = dial($port);
    write_all($stream, str_repeat('x', 1000 * $i));
    stream_socket_shutdown($stream, STREAM_SHUT_WR);
    read_until($stream);
    echo $i, ': ', json_encode([$server->hear(), $server->hear(), $server->hear()]), "\n";
}
echo 'exit code ', stop($server), "\n";
?>
--EXPECT--
1: [[[1],1000,1],"destroyed","closed"]
2: [[[1,2],3000,1],"destroyed","closed"]
3: [[[1,2,3],6000,1],"destroyed","closed"]
4: [[[4],4000,1],"destroyed","closed"]
exit code 0
