--TEST--
A raw connection stays with its worker when that is replaced; at max_wait_time it is closed in order: onClose runs in the old worker, what was sent arrives
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/program.inc';

[$server, $port, $log] = start_server(<<<'PHP'
    $serv->on('workerstart', fn () => tell(['start', getmypid()]));
    $serv->on('workerstop', fn () => tell(['stop', getmypid()]));
    $serv->on('receive', fn ($serv, $fd, $reactor, $data) => $serv->send($fd, getmypid() . " $data\n"));
    $serv->on('close', function ($serv, $fd, $reactor) {
        $sent = $serv->send($fd, 'too late');
        tell(['close', getmypid(), $fd, $reactor, $serv->exist($fd), $sent]);
    });
    $serv->on('workererror', fn () => tell(['error']));
PHP, ['max_wait_time' => 1.5 * patience()], 'Server');
$old = hear_of($server, 'start')[1];
$ask = fn ($stream) => trim(raw_request($stream, 'hi', "\n"));
[$left, $kept, $ended] = [dial($port), dial($port), dial($port)];
array_map($ask, [$left, $kept, $ended]);
$server->signal(10);
$new = hear_of($server, 'start')[1];
wait_for(fn () => $ask($stream = dial($port)) === "$new hi");
echo $ask($kept) === "$old hi" && $ask($left) === "$old hi" ? 'served by the old worker' : 'served by another', "\n";
fclose($ended);
$close = hear_of($server, 'close');
while ($close[1] !== $old) {
    $close = hear_of($server, 'close');
}
echo json_encode(array_slice($close, 3)), "\n";
echo json_encode([read_until($kept), read_until($left)]), "\n";
$others = [];
hear_of($server, 'stop', $others);
foreach ($others as [$what, $pid, $fd, $reactor, $exists, $sent]) {
    // Others are those that asked who serves.
    echo $reactor === 0 ? '' : json_encode([$what, $pid === $old, $reactor, $exists, $sent]) . "\n";
}
echo stop($server), "\n";
preg_match_all('~max_wait_time is over.*|ends: reload.*|killed~', file_get_contents($log), $lines);
echo implode("\n", $lines[0]), "\n";
?>
--EXPECTF--
served by the old worker
[0,false,false]
["",""]
["close",true,-1,false,false]
["close",true,-1,false,false]
0
max_wait_time is over [9012]: 2 connections and 0 clients were still busy
ends: reload; %d KiB resident, 0 rows of the ledger left; %d requests served, 0 connections handed over, 2 closed
