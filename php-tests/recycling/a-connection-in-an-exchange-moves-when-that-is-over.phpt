--TEST--
A connection whose request is not answered yet stays with the worker that has it, also when its own was replaced, and goes to the next worker with what came behind
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/program.inc';

$backend = stream_socket_server('tcp://127.0.0.1:0');
$where = (int) substr(strrchr(stream_socket_get_name($backend, false), ':'), 1);
[$server, $port, $log] = start_recycled('', ['worker_num' => 1]);
$old = hear_of($server, 'start')[1];
$get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

$asked = $accepted = [];
foreach (['alone', 'one behind'] as $case) {
    $asked[$case] = dial($port);
    write_all($asked[$case], "GET /held?where=$where HTTP/1.1\r\nHost: h\r\n\r\n" . ($case === 'alone' ? '' : $get));
    $accepted[$case] = stream_socket_accept($backend);
    read_until($accepted[$case], "\r\n\r\n");
}
$server->signal(10);
$new = hear_of($server, 'start')[1];
// The next worker serves; the old one waits for its backend.
echo wait_for(fn () => json_decode(http_get($port)['body'], true)['pid'] === $new) ? "new worker\n" : "old worker\n";
foreach ($asked as $stream) {
    // This comes while the first is owed.
    write_all($stream, $get);
}
foreach ($asked as $case => $stream) {
    write_all($accepted[$case], "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
    $answers = $case === 'alone' ? 2 : 3;
    $raw = read_until($stream, fn ($got) => substr_count($got, '"connect_time"') === $answers && str_ends_with($got, '}'));
    preg_match_all('~"pid":(\d+)~', $raw, $pids);
    echo "$case: ", json_encode([str_contains($raw, 'late'), str_contains($raw, 'Connection: close'), array_map(fn ($pid) => ['old', 'new'][(int) $pid === $new], $pids[1])]), "\n";
}
$others = [];
echo hear_of($server, 'stop', $others) === ['stop', $old] ? 'the old one ends' : 'who?', "\n";
foreach ($asked as $stream) {
    echo facts($stream)['pid'] === $new ? 'new' : 'old', ' ';
}
// Sessions 1 and 2 are these.
echo json_encode(array_filter($others, fn ($word) => $word[0] === 'close' && $word[2] <= 2)), ' ', stop($server), "\n";
preg_match('~ends: reload.*~', file_get_contents($log), $line);
echo $line[0], "\n";
?>
--EXPECTF--
new worker
alone: [true,false,["old","new"]]
one behind: [true,false,["old","old","new"]]
the old one ends
new new [] 0
ends: reload; %d KiB resident, 0 rows of the ledger left; %d requests served, 2 connections handed over, 0 closed
