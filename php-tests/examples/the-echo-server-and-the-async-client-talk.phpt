--TEST--
The examples: the echo server and the async client talk to each other
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/run.inc';
$server = example('echo-server', [], ['0']);
$port = example_port($server);
foreach ([$port, refusing_port()] as $at) {
    $client = example('seed-async-client', [], ['127.0.0.1', (string) $at]);
    var_dump($client->wait());
    finish($client);
}
finish($server);
?>
--EXPECTF--
int(0)
After the return: alive
#%d client Swoole\Client#%d connecting 127.0.0.1:PORT seed-async-client.php:%d %fs
Received: hello world
Connection close
After the end: gone, 0 tethers
exit code 0
int(0)
After the return: alive
#%d client Swoole\Client#%d connecting 127.0.0.1:PORT seed-async-client.php:%d %fs
Connect failed
After the end: gone, 0 tethers
exit code 0
listening on 127.0.0.1:PORT
connection 1
connection 1 closed
exit code 0
