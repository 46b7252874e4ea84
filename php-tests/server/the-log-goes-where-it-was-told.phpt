--TEST--
log_file, log_level and pid_file: lines of the level and above, opened anew at SIGRTMIN, and a pid file that goes with the server
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

foreach ([2, 4] as $level) {
    $pid_file = temp_path('.pid');
    [$server, $port, $log] = start_server(<<<'PHP'
        $serv->on('workerstart', fn () => tell('start'));
        $serv->on('workererror', fn () => tell('error'));
        $serv->on('request', fn ($request, $response) => $response->end((string) getmypid()));
    PHP, ['log_level' => $level, 'pid_file' => $pid_file]);
    echo "level $level: ", json_encode((int) file_get_contents($pid_file) === $server->pid), "\n";
    $server->hear();
    rename($log, "$log.1");
    send_signal($server->pid, 34);
    wait_for(fn () => file_exists($log));
    $pid = (int) http_get($port)['body'];
    send_signal($pid, 9);
    $words = [$server->hear(), $server->hear()];
    sort($words);
    echo implode(' ', $words), ' ', stop($server), ' ', json_encode(file_exists($pid_file)), "\n";
    foreach (["$log.1", $log] as $file) {
        $text = file_get_contents($file);
        foreach (explode("\n", trim($text)) as $line) {
            echo preg_match('~^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [#*]\d+\.\d+\] ~', $line) || $line === '' ? '' : 'malformed ', preg_replace(['~^\[[^]]+\] ~', '~pid \d+~'], ['', 'pid N'], $line), "\n";
        }
    }
}

// What cannot be opened is said, and the lines go to standard output.
$server = run_php(<<<'PHP'
<?php
set_error_handler(fn ($level, $text) => tell($text) ?? true);
$serv = new Swoole\Server('127.0.0.1', 0);
$serv->set(['log_file' => '/nonexistent/x.log', 'pid_file' => '/nonexistent/x.pid', 'worker_num' => 1]);
$serv->on('receive', fn () => null);
$serv->on('managerstart', fn () => $serv->shutdown());
tell($serv->start());
PHP);
echo implode("\n", array_map(json_encode(...), hear_to_the_end($server))), "\n", preg_replace('~\[[^]]+\] ~', '', $server->output());
?>
--EXPECT--
level 2: true
error start 0 false

WARNING worker #0 (pid N) was killed by signal 9
INFO shutdown: the workers finish what they have begun
level 4: true
error start 0 false

WARNING worker #0 (pid N) was killed by signal 9
"Swoole\\Server::start(): Unable to open log_file '\/nonexistent\/x.log': No such file or directory (os error 2)"
"Swoole\\Server::start(): Unable to write pid_file '\/nonexistent\/x.pid': No such file or directory (os error 2)"
true
0
INFO shutdown: the workers finish what they have begun
