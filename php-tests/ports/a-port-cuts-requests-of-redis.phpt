--TEST--
open_redis_protocol gives onReceive one request of the Redis protocol at a time, however they arrive
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('receive', fn ($serv, $fd, $reactor, $data) => tell($data));
    $serv->on('close', fn () => tell('closed'));
PHP, ['open_redis_protocol' => true], 'Server');
$set = "*3\r\n\$3\r\nSET\r\n\$1\r\na\r\n\$4\r\n\r\n\r\n\r\n";
$get = "*2\r\n\$3\r\nGET\r\n\$1\r\na\r\n";
write_all($stream = dial($port), $set . $get . substr($set, 0, 10));
var_dump($server->hear() === $set, $server->hear() === $get);
foreach (str_split(substr($set, 10)) as $byte) {
    write_all($stream, $byte);
}
var_dump($server->hear() === $set);
write_all($stream, "*1\r\n\$-5\r\n");
var_dump($server->hear(), stop($server));
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
string(6) "closed"
int(0)
