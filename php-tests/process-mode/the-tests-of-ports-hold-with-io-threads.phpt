--TEST--
What holds of ports holds with I/O threads: the tests of ports/, with SWOOLE_PROCESS; sendwait() warns, and a close from another event worker is told there
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

$root = dirname(__DIR__);
$files = array_map(fn ($path) => substr($path, strlen($root) + 1), glob("$root/ports/*.phpt"));
// Those that run in both modes themselves, and what is measured of threads and workers together in
// stalled-readers-cost-what-their-buffers-hold.phpt here.
$files = array_filter($files, fn ($name) => !preg_match('~/(get-socket|the-options-of-sockets|connections-above|buffers-are-bounded|stalled-readers)~', $name));
$refused = '"warning: Swoole\\\\Server::sendwait(): sendwait() needs SWOOLE_BASE: the I\/O threads have the sockets"';
run_in_process_mode($files, [
    'ports/commands-reach-connections-of-other-processes.phpt' => ['["close","FD",-1,1]' => '["close","FD",-1,0]'],
    'ports/files-and-waiting-sends-keep-their-place.phpt' => [
        '$serv->sendwait($fd, \'|\')' => '$serv->send($fd, \'|\')',
        '"warning: Swoole\\\\Server::sendwait(): The data is empty"' => "$refused\n$refused",
        '$i < 6' => '$i < 7',
        'var_dump(strlen(read_until($stream, 8000000)))' => 'echo json_encode($server->hear()), "\n"',
        'int(8000000)' => $refused,
        '[true,0]' => '[false,0]',
    ],
]);
?>
--EXPECT--
all hold
