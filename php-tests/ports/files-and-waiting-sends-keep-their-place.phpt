--TEST--
sendfile() and sendwait() keep their place among what was sent; what can not be sent is told
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

file_put_contents($file = temp_path('.txt'), '0123456789');
file_put_contents($big = temp_path('.bin'), str_repeat('big', 2000000));
file_put_contents($empty = temp_path('.empty'), '');
[$server, $port] = start_server(<<<'PHP'
    set_error_handler(fn ($level, $text) => tell(preg_replace('~/\S*/~', '', "warning: $text")));
    $serv->on('receive', function ($serv, $fd, $reactor, $data) use ($file, $big, $empty) {
        if ($data === 'wrong') {
            return tell([$serv->sendfile($fd, '/nonexistent'), $serv->sendfile($fd, $empty), $serv->sendfile($fd, $file, 10), $serv->sendfile($fd, $file, 5, 6), $serv->sendfile(99, $file), $serv->getLastError(), $serv->sendwait($fd, ''), $serv->sendwait(99, 'x'), $serv->getLastError()]);
        }
        if ($data === 'wait') {
            // The peer reads slowly: this returns when the last byte is on its way.
            $sent = $serv->sendwait($fd, str_repeat('w', 8000000));
            return tell([$sent, $serv->stats()['buffer_size']]);
        }
        $serv->send($fd, '<');
        $serv->sendfile($fd, $file, 2, 3);
        $serv->send($fd, '|');
        $serv->sendfile($fd, $file);
        $serv->sendwait($fd, '|');
        $serv->sendfile($fd, $big, 3);
        $serv->send($fd, '>');
    });
PHP, [], 'Server', ['file' => $file, 'big' => $big, 'empty' => $empty]);
$stream = dial($port);
write_all($stream, 'go');
$got = read_until($stream, '>');
echo substr($got, 0, 20), ' ', strlen($got), ' ', substr($got, -5), ' ', md5(substr($got, 16, -1)) === md5(str_repeat('big', 1999999)) ? 'whole' : 'cut', "\n";
write_all($stream, 'wrong');
for ($i = 0; $i < 6; $i++) {
    echo json_encode($server->hear()), "\n";
}
write_all($stream, 'wait');
var_dump(strlen(read_until($stream, 8000000)));
echo json_encode($server->hear()), "\n";
var_dump(stop($server));
?>
--EXPECT--
<234|0123456789|bigb 6000014 gbig> whole
"warning: Swoole\\Server::sendfile(): Unable to send the file '\/nonexistent': No such file or directory (os error 2)"
"warning: Swoole\\Server::sendfile(): Unable to send the file '3.empty': it is empty"
"warning: Swoole\\Server::sendfile(): Unable to send the file '1.txt': offset 10 and length 0 are not within 10 bytes"
"warning: Swoole\\Server::sendfile(): Unable to send the file '1.txt': offset 5 and length 6 are not within 10 bytes"
"warning: Swoole\\Server::sendwait(): The data is empty"
[false,false,false,false,false,1005,false,false,1005]
int(8000000)
[true,0]
int(0)
