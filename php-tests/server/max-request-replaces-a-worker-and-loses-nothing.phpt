--TEST--
max_request replaces a worker once its successor is ready; no request is lost on kept connections, each is answered once more with Connection: close
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = start_server(<<<'PHP'
    $serv->on('request', fn ($request, $response) => $response->end((string) getmypid()));
    $serv->on('workerstart', fn ($s, $id) => tell(['start', $id, getmypid()]));
    $serv->on('workerstop', fn ($s, $id) => tell(['stop', $id, getmypid()]));
    $serv->on('workererror', fn (...$args) => tell(['error', array_slice($args, 1)]));
PHP, ['worker_num' => 2, 'max_request' => 100]);
$load = new Load($port, 8);
// It serves on until its successor is ready, however many requests that takes.
$load->until(fn ($load) => count($load->pids) >= 10, 30)->end();
echo 'lost ', json_encode($load->lost), ', connections closed: ', json_encode($load->closed >= 8), ', workers with their share: ',
    json_encode(count(array_filter($load->pids, fn ($served) => $served >= 100)) >= 6), "\n";
$seen = [];
$server->signal(15);
foreach (hear_to_the_end($server) as $word) {
    if (is_array($word) && $word[0] !== 'returned') {
        $seen[$word[0]][] = $word[2] ?? $word;
    } else {
        echo json_encode($word), ' ';
    }
}
sort($seen['start']);
sort($seen['stop']);
echo $seen['start'] === $seen['stop'] ? 'all stopped in order' : json_encode($seen), ' ', json_encode(isset($seen['error'])), "\n";

// A connection that is idle when its worker retires.
[$server, $port] = start_server(<<<'PHP'
    $serv->on('request', fn ($request, $response) => $response->end((string) getmypid()));
    $serv->on('workerstop', fn ($s, $id) => tell('stop'));
    $serv->on('workerstart', fn ($s, $id) => tell('start'));
PHP, ['max_request' => 3]);
$server->hear();
$request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
$idle = dial($port);
$ask = fn () => http_parse(raw_request($idle, $request, fn ($got) => preg_match('~Content-Length: (\d+).*\r\n\r\n(.*)~s', $got, $m) && strlen($m[2]) >= $m[1]));
$first = $ask();
http_get($port);
http_get($port);
echo $server->hear(), ' ';
$next = wait_for(fn () => ($body = http_get($port)['body']) !== $first['body'] ? $body : false);
// The successor may answer others before its predecessor has heard of it: until then it serves on.
$last = wait_for(fn () => ($answer = $ask())['headers']['connection'] === 'close' ? $answer : false);
echo read_until($idle), $first['headers']['connection'], ' ', $last['headers']['connection'], ' ', $last['body'] === $first['body'] ? 'same' : 'other', ' ', $server->hear(), "\n";
var_dump(stop($server));
?>
--EXPECT--
lost [], connections closed: true, workers with their share: true
["returned",true] 0 all stopped in order false
start keep-alive close same stop
int(0)
