--TEST--
Swoole\Http\Client: what is uploaded or downloaded is never in memory as a whole
--EXTENSIONS--
tether
--SKIPIF--
<?php if (getenv('TETHER_JUDGE')) die('skip measures the resident memory'); ?>
--FILE--
<?php
require __DIR__ . '/clients.inc';

const SIZE = 96 << 20;
$sparse = temp_path('.bin');
$file = fopen($sparse, 'w');
fseek($file, SIZE - 4);
fwrite($file, 'tail');
fclose($file);

// Warm: what is made once.
$small = peer(['answer' => response('ok')]);
$client = new Swoole\Http\Client('127.0.0.1', $small->where);
$client->get('/', fn ($client) => $client->close());
Swoole\Event::wait();
$before = [rss(), memory_get_usage()];
$grown = function (string $what) use ($before): void {
    $rss = rss() - $before[0];
    $memory = memory_get_usage() - $before[1];
    echo "$what: ", $rss < 8 << 20 && $memory < 1 << 20 ? 'flat' : "$rss and $memory more", "\n";
};

$peer = run_php(__DIR__ . '/body_program.inc', ['answer' => base64_encode(response('taken'))]);
$client = new Swoole\Http\Client('127.0.0.1', $peer->hear());
$client->set(['timeout' => 20]);
$client->addFile($sparse, 'f');
$client->execute('/', function ($client) use ($grown, $peer) {
    $grown('upload');
    [$head, $left] = $peer->hear();
    echo "$client->body, ", $left === 0 && preg_match('/^Content-Length: (\d+)/m', $head, $m) && $m[1] > SIZE ? 'whole' : "$left left", "\n";
    $client->close();
});
Swoole\Event::wait();

$server = run_php(<<<'PHP'
<?php
$listener = stream_socket_server('tcp://127.0.0.1:0');
tell((int) substr(strrchr(stream_socket_get_name($listener, false), ':'), 1));
$stream = stream_socket_accept($listener, 3600);
fread($stream, 65536);
fwrite($stream, "HTTP/1.1 200 OK\r\nContent-Length: " . filesize($sparse) . "\r\n\r\n");
stream_copy_to_stream(fopen($sparse, 'r'), $stream);
PHP, ['sparse' => $sparse]);
$client = new Swoole\Http\Client('127.0.0.1', $server->hear());
$client->set(['timeout' => 20]);
$client->download('/', $copy = temp_path('.bin'), function ($client) use ($grown, $copy) {
    $grown('download');
    echo "$client->statusCode, ", filesize($copy) === SIZE && file_get_contents($copy, false, null, SIZE - 4) === 'tail' ? 'whole' : filesize($copy), "\n";
});
Swoole\Event::wait();
all_gone();
?>
--EXPECT--
upload: flat
taken, whole
download: flat
200, whole
no tether is left
