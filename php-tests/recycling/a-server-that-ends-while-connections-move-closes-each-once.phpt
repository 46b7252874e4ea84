--TEST--
A server that is told to end while connections go from worker to worker runs onClose for each of them once, and every peer sees the end
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/program.inc';

$wrong = [];
for ($round = 0; $round < 12; $round++) {
    [$server, $port] = start_recycled();
    hear_of($server, 'start');
    $streams = array_map(fn () => dial($port), range(1, 60));
    $fds = array_map(fn ($stream) => facts($stream)['fd'], $streams);
    write_all($streams[0], "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nh");
    $server->signal(10);
    hear_of($server, 'start');
    // The next worker is about to say that it is ready: the end comes before, while or after connections go.
    usleep($round * 100);
    $server->signal(15);
    write_all($streams[0], 'i');
    $closed = [];
    while (($word = $server->hear(15)) !== null) {
        if ($word[0] === 'close') {
            $closed[] = $word[2];
        }
    }
    sort($closed);
    $answer = http_parse(read_until(array_shift($streams)));
    $ends = array_unique(array_map(fn ($stream) => read_until($stream), $streams));
    $code = $server->wait();
    if ($closed !== $fds || $ends !== [''] || $answer['status'] !== 200 || $code !== 0) {
        $wrong[] = [$round, count($closed), array_values(array_diff($fds, $closed)), $ends, $answer['status'], $code];
    }
}
echo json_encode($wrong), "\n";
?>
--EXPECT--
[]
