--TEST--
A second SIGINT ends a server at once with exit code 130, however busy its workers are
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port, $log] = start_server(<<<'PHP'
    $serv->on('request', function ($request, $response) {
        tell('busy');
        if ($request->server['path_info'] === '/sleep') {
            for ($end = microtime(true) + 60; microtime(true) < $end; usleep(10000));
        }
        $GLOBALS['kept'] = $response;
    });
PHP, ['worker_num' => 2]);
$one = dial($port);
write_all($one, "GET /sleep HTTP/1.1\r\nHost: h\r\n\r\n");
$server->hear();
$pids = children($server->pid, 2);
$server->signal(2);
wait_for(fn () => str_contains((string) file_get_contents($log), 'shutdown'));
var_dump($server->running());
$start = microtime(true);
$server->signal(2);
var_dump(hear_to_the_end($server), microtime(true) - $start < 5 * patience());
// With I/O threads the system ends the workers when it has ended the manager.
wait_for(fn () => array_filter($pids, 'is_alive') === []);
var_dump(array_filter($pids, 'is_alive'));
?>
--EXPECT--
bool(true)
array(1) {
  [0]=>
  int(130)
}
bool(true)
array(0) {
}
