--TEST--
An idle keep-alive connection goes on with the next worker, however its own was replaced: the same $fd, the same facts, no onClose and no onConnect
--EXTENSIONS--
tether
--INI--
display_errors=0
log_errors=0
--FILE--
<?php
require __DIR__ . '/program.inc';

$ways = [
    'reload' => [[], fn ($server) => $server->signal(10)],
    'max_request' => [['max_request' => 4], fn ($server, $port) => array_map(fn () => http_get($port), [1, 2, 3])],
    'max_memory' => [['max_memory' => '8M', 'max_memory_check_interval' => 20], fn ($server, $port) => http_get($port, '/grow')],
    'stop($id)' => [[], fn ($server, $port) => http_get($port, '/end')],
    'stop()' => [[], fn ($server, $port) => http_get($port, '/now')],
    'exit' => [[], fn ($server, $port) => http_get($port, '/exit')],
    'fatal' => [[], fn ($server, $port) => http_get($port, '/fatal')],
];
foreach ($ways as $how => [$settings, $replace]) {
    [$server, $port, $log] = start_recycled('', $settings + ['task_worker_num' => 1]);
    $idle = dial($port);
    $before = facts($idle, "GET /bind HTTP/1.1\r\nHost: h\r\n\r\n");
    $replace($server, $port);
    // The old worker has gone; with a fatal error it says nothing, so the next one is waited for.
    $others = [];
    while (($word = $server->hear(15)) !== ['stop', $before['pid']] && $word !== null && !($how === 'fatal' && count($others) === 5)) {
        $others[] = $word;
    }
    $after = facts($idle);
    echo "$how: $after[connection]", $after['pid'] === $before['pid'] ? ' SAME PID' : '', $after['fd'] === $before['fd'] ? '' : ' OTHER FD',
        $after['info'] == $before['info'] && $after['info']['uid'] === 77 ? '' : json_encode([$before['info'], $after['info']]), ' ';
    // What another process sees of it and does with it.
    $other = dial($port);
    $ask = fn ($do) => http_ask($other, "GET /other?do=$do&fd=$before[fd] HTTP/1.1\r\nHost: h\r\n\r\n", 20)['body'];
    [$exists, $listed, $uid, $open, $accepted, $closed] = json_decode($ask('look'));
    echo json_encode([$exists, $listed === [$before['fd']], $uid, $open >= 2, $accepted - $closed - $open]), ' ', $ask('send'), ' ', read_until($idle, 'twice'), ' ';
    echo $ask('close'), ' ', json_encode(read_until($idle)), ' ';
    while (($closed = hear_of($server, 'close', $others)) !== null && $closed[2] !== $before['fd']);
    $seen = array_filter($others, fn ($word) => ($word[2] ?? null) === $before['fd']);
    echo json_encode([$closed === ['close', $after['pid'], $before['fd']], array_column($seen, 0)]), ' ';
    echo stop($server), "\n";
    preg_match('~ends: .*, 1 connections handed over.*~', file_get_contents($log), $line);
    echo $line[0] ?? file_get_contents($log), "\n";
}
?>
--EXPECTF--
reload: keep-alive [true,true,77,true,0] true from a task worker, twice true "" [true,["connect"]] 0
ends: reload; %d KiB resident, 0 rows of the ledger left; 1 requests served, 1 connections handed over, 0 closed
max_request: keep-alive [true,true,77,true,0] true from a task worker, twice true "" [true,["connect"]] 0
ends: max_request, 4 requests served; %d KiB resident, 0 rows of the ledger left; %d requests served, 1 connections handed over, 0 closed
max_memory: keep-alive [true,true,77,true,0] true from a task worker, twice true "" [true,["connect"]] 0
ends: max_memory, %d KiB used, 8192 KiB allowed; %d KiB resident, 0 rows of the ledger left; 2 requests served, 1 connections handed over, 0 closed
stop($id): keep-alive [true,true,77,true,0] true from a task worker, twice true "" [true,["connect"]] 0
ends: stop(); %d KiB resident, 0 rows of the ledger left; 2 requests served, 1 connections handed over, 0 closed
stop(): keep-alive [true,true,77,true,0] true from a task worker, twice true "" [true,["connect"]] 0
ends: stop(); %d KiB resident, 0 rows of the ledger left; 2 requests served, 1 connections handed over, 0 closed
exit: keep-alive [true,true,77,true,0] true from a task worker, twice true "" [true,["connect"]] 0
ends: exit(); %d KiB resident, 0 rows of the ledger left; 2 requests served, 1 connections handed over, 1 closed
fatal: keep-alive [true,true,77,true,0] true from a task worker, twice true "" [true,["connect"]] 0
ends: a fatal error; %d KiB resident, 0 rows of the ledger left; 2 requests served, 1 connections handed over, 1 closed
