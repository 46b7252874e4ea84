--TEST--
request_slowlog_file tells which task, with trace_event_worker which request too, takes longer than request_slowlog_timeout, and where its PHP code is
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$program = <<<'PHP'
    function work(float $seconds): void
    {
        $end = microtime(true) + $seconds;
        while (microtime(true) < $end) {
            usleep(1000);
        }
    }
    final class Job
    {
        public static function run(float $seconds): void
        {
            work($seconds);
        }
    }
    $serv->on('request', function ($request, $response) use ($serv) {
        if ($request->server['path_info'] === '/task') {
            return $serv->task((float) $request->get['for'], -1, fn () => $response->end('done'));
        }
        Job::run((float) ($request->get['for'] ?? 0));
        $response->end('done');
    });
    $serv->on('task', function ($serv, $id, $from, $seconds) {
        Job::run($seconds);
        return 'done';
    });
    $serv->on('finish', fn () => null);
    $serv->listen('127.0.0.1', 0, SWOOLE_SOCK_TCP)->set(['open_http_protocol' => false]);
    $serv->ports[1]->on('receive', function ($serv, $fd, $reactor, $data) {
        usleep((int) $data);
        work(0);
        $serv->send($fd, 'done');
    });
    $serv->on('start', function ($serv) {
        tell(['listens on', $serv->port]);
        tell($serv->ports[1]->port);
    });
PHP;
// Long enough for whatever else the machine does, and what is quick takes next to nothing.
$limit = 0.3 * patience();
$slow = 2 * $limit;
foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    putenv("TETHER_SERVER_MODE=$mode");
    foreach ([true, false] as $events) {
        $file = temp_path('.slow');
        [$server, $port] = start_server($program, ['task_worker_num' => 1, 'trace_event_worker' => $events, 'request_slowlog_file' => $file, 'request_slowlog_timeout' => $limit]);
        $raw = $server->hear();
        $said = [http_get($port, '/quick')['body'], http_get($port, "/slow?for=$slow", seconds: 20)['body'], http_get($port, "/task?for=$slow", seconds: 20)['body']];
        $said[] = raw_request($raw, (string) (int) ($slow * 1e6), 'done', 20);
        echo "$mode, ", $events ? 'events too' : 'tasks', ': ', json_encode($said), ' ', stop($server), "\n";
        echo preg_replace(['~^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] ~m', '~pid \d+~', '~for=[\d.]+~', '~for \d+\.\d{3} s~', '~ /\S+/\d+\.php:(\d+)~', '~#\d+ of~'], ['', 'pid N', 'for=N', 'for N s', ' PROGRAM:$1', '#N of'], file_get_contents($file));
    }
}
// SIGRTMIN opens the file anew, for it may have been moved away.
$file = temp_path('.slow');
[$server, $port] = start_server($program, ['task_worker_num' => 1, 'request_slowlog_file' => $file, 'request_slowlog_timeout' => $limit]);
$server->hear();
http_get($port, '/quick');
rename($file, "$file.1");
send_signal($server->pid, 34);
wait_for(fn () => file_exists($file));
http_get($port, "/task?for=$slow", seconds: 20);
var_dump(filesize("$file.1"), substr_count(file_get_contents($file), 'has been at task'), stop($server));
// A file that cannot be written is told at the start, one without a name is none.
set_error_handler(fn ($n, $text) => print("$text\n"));
$serv = new Swoole\Server('127.0.0.1', 0);
$serv->set(['request_slowlog_file' => '/nonexistent/slow.log', 'worker_num' => 1, 'log_file' => '/dev/null']);
$serv->on('receive', fn () => null);
$serv->on('managerstart', fn () => $serv->shutdown());
var_dump($serv->start());
?>
--EXPECT--
SWOOLE_BASE, events too: ["done","done","done","done"] 0
worker #0 (pid N) has been at request GET /slow?for=N for N s
worker #0 (pid N) at request GET /slow?for=N is in
#0 work() PROGRAM:15
#1 Job::run() PROGRAM:23
#2 {closure}() PROGRAM:30
#3 Swoole\Server::start() 
#4 {main} PROGRAM:48
task worker #1 (pid N) has been at task #N of worker #0 for N s
task worker #1 (pid N) at task #N of worker #0 is in
#0 work() PROGRAM:15
#1 Job::run() PROGRAM:23
#2 {closure}() PROGRAM:34
#3 Swoole\Server::start() 
#4 {main} PROGRAM:48
worker #0 (pid N) has been at onReceive of connection #4 for N s
worker #0 (pid N) at onReceive of connection #4 is in
#0 {closure}() PROGRAM:41
#1 Swoole\Server::start() 
#2 {main} PROGRAM:48
SWOOLE_BASE, tasks: ["done","done","done","done"] 0
task worker #1 (pid N) has been at task #N of worker #0 for N s
task worker #1 (pid N) at task #N of worker #0 is in
#0 work() PROGRAM:15
#1 Job::run() PROGRAM:23
#2 {closure}() PROGRAM:34
#3 Swoole\Server::start() 
#4 {main} PROGRAM:48
SWOOLE_PROCESS, events too: ["done","done","done","done"] 0
worker #0 (pid N) has been at request GET /slow?for=N for N s
worker #0 (pid N) at request GET /slow?for=N is in
#0 work() PROGRAM:15
#1 Job::run() PROGRAM:23
#2 {closure}() PROGRAM:30
#3 Swoole\Server::start() 
#4 {main} PROGRAM:48
task worker #1 (pid N) has been at task #N of worker #0 for N s
task worker #1 (pid N) at task #N of worker #0 is in
#0 work() PROGRAM:15
#1 Job::run() PROGRAM:23
#2 {closure}() PROGRAM:34
#3 Swoole\Server::start() 
#4 {main} PROGRAM:48
worker #0 (pid N) has been at onReceive of connection #4 for N s
worker #0 (pid N) at onReceive of connection #4 is in
#0 {closure}() PROGRAM:41
#1 Swoole\Server::start() 
#2 {main} PROGRAM:48
SWOOLE_PROCESS, tasks: ["done","done","done","done"] 0
task worker #1 (pid N) has been at task #N of worker #0 for N s
task worker #1 (pid N) at task #N of worker #0 is in
#0 work() PROGRAM:15
#1 Job::run() PROGRAM:23
#2 {closure}() PROGRAM:34
#3 Swoole\Server::start() 
#4 {main} PROGRAM:48
int(0)
int(1)
int(0)
Swoole\Server::start(): Unable to open request_slowlog_file '/nonexistent/slow.log': No such file or directory (os error 2)
bool(true)
