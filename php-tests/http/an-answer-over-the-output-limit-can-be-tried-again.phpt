--TEST--
An answer over buffer_output_size is refused with a word, and the response can still be ended
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    $large = str_repeat('x', 70000);
    $results = [$response->end($large), $response->write($large), $response->isWritable(), $response->end(substr($large, 0, 65536))];
    tell([$results, $GLOBALS['said']]);
PHP, '$serv->set(["buffer_output_size" => 65536]);');
$answer = http_get($port);
var_dump(strlen($answer['body']), isset($answer['headers']['transfer-encoding']));
[$results, $said] = $server->hear();
echo json_encode($results), "\n", implode("\n", $said), "\n";
var_dump(stop($server));
?>
--EXPECT--
int(65536)
bool(false)
[false,false,true,true]
Swoole\Http\Response::end(): The data of 70000 bytes is larger than buffer_output_size (65536): use sendfile() or send it in pieces with write()
Swoole\Http\Response::write(): The data of 70000 bytes is larger than buffer_output_size (65536): use sendfile() or send it in pieces with write()
int(0)
