--TEST--
Swoole\Http\Client: uploads, downloads and WebSockets go through TLS as they do without
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

$body = random_bytes(3 << 20);
file_put_contents($sent = temp_path('.bin'), $body);
[$certificate, $key] = certificate('good');
$peer = program_peer('secure_program.inc', [
    'certificate_file' => $certificate, 'key_file' => $key,
    'times' => 122888,
]);
$client = new Swoole\Http\Client('127.0.0.1', $peer->where, true);
$client->set(['ssl_cafile' => authority(), 'timeout' => 10 * patience()]);
$client->on('message', function ($client, $frame) {
    echo "$frame->opcode $frame->data\n";
    if ($frame->data === 'through TLS') {
        $client->push('', WEBSOCKET_OPCODE_CLOSE);
    }
});
$client->on('close', function ($client) { echo "closed\n"; });
$client->addFile($sent, 'f', 'a/b', 'n');
$client->execute('/', function ($client) use ($peer, $sent, $body) {
    [$length] = $peer->process->hear();
    echo "$client->statusCode ", strlen($client->body), ' ', $length - strlen($body) < 300 ? 'whole' : $length, "\n";
    $client->setMethod('PUT');
    $client->setData($body);
    $client->execute('/', function ($client) use ($peer, $body) {
        echo $peer->process->hear() === [strlen($body), md5($body)] ? "the same\n" : "not the same\n";
        $client->download('/', $file = temp_path('.bin'), function ($client) use ($peer, $file) {
            $peer->process->hear();
            echo filesize($file), ' ', md5_file($file) === md5(str_repeat('downloaded', 122888)) ? 'the same' : 'not the same', "\n";
            $client->upgrade('/', function ($client) {
                echo "$client->statusCode\n";
                $client->push('through TLS');
            });
        });
    });
});
unset($client);
Swoole\Event::wait();
ledger_empty();
?>
--EXPECT--
200 1228880 whole
the same
1228880 the same
101
1 through TLS
8 
closed
