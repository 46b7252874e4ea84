<?php
/**
 * Sends a file as a form, then fetches one into a file. Neither is ever in memory as a whole.
 *
 *   php http-transfer.php 127.0.0.1 8080 photo.jpg copy.jpg
 */
[, $host, $port, $from, $to] = $argv + [1 => '127.0.0.1', 8080, __FILE__, sys_get_temp_dir() . '/copy'];

$client = new Swoole\Http\Client($host, (int) $port);
// For an upload: as long as nothing is taken; for a download: as long as nothing comes.
$client->set(['timeout' => 5]);
$client->addFile($from, 'photo');
$client->setData(['title' => 'A photo']);
$client->execute('/upload', function ($client) use ($to) {
    echo "upload: $client->statusCode $client->body\n";
    $client->download('/photo', $to, function ($client) use ($to) {
        echo "download: $client->statusCode ", $client->statusCode === 200 ? filesize($to) . ' bytes' : $client->errMsg, "\n";
        $client->close();
    });
});
