--TEST--
A process that pcntl_fork() makes leaves its parent's loop alone: it answers, calls and closes nothing of it, may have a loop of its own, and ends with the callback that forked it
--EXTENSIONS--
tether
--SKIPIF--
<?php if (!function_exists('pcntl_fork')) die('skip pcntl is not built in'); ?>
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../http/program.inc';

/** Runs a program that has said all when it ends. */
function run(string $name, string $program, array $variables): void
{
    $child = run_php("<?php\n$program", $variables);
    $code = $child->wait(10);
    echo "$name: ", preg_replace('/\s+/', ' ', $child->output() . $child->errors()), "exit code $code\n";
}

$client = <<<'PHP'
    $client = new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC);
    $client->on('connect', function ($client) { $client->send('x'); });
    $client->on('error', function () {});
    $client->on('close', function ($client) {
        echo "close\n";
        Swoole\Timer::after(1, function () { echo "timer\n"; });
    });
    $client->on('receive', function ($client, $data) use ($how) {
        if ($how !== 'before the loop' && fork($how)) {
            return;
        }
        echo "received $data\n";
        $client->close();
    });
    $client->connect('127.0.0.1', $port, 5);

    /** Whether this is the child, which does something and goes on as it was told to. */
    function fork(string $how): bool
    {
        $pid = pcntl_fork();
        if ($pid !== 0) {
            pcntl_waitpid($pid, $status);
            echo 'child ', pcntl_wexitstatus($status), "\n";
            return false;
        }
        echo 'rows ', Tether\Ledger::count(), "\n";
        match ($how) {
            'exits' => exit(3),
            'has a loop' => Swoole\Timer::after(1, function () { echo "its timer\n"; }),
            default => null,
        };
        if ($how === 'has a loop') {
            Swoole\Event::wait();
        }
        return true;
    }
    if ($how === 'before the loop') {
        fork($how);
        echo "goes on\n";
    }
    PHP;
$echo = echo_peer()->where;
foreach (['returns', 'exits', 'has a loop', 'before the loop'] as $how) {
    run($how, $client, ['how' => $how, 'port' => $echo]);
}

[$server, $port] = serve(<<<'PHP'
    $how = $request->server['path_info'];
    $pid = pcntl_fork();
    if ($pid === 0) {
        $how === '/exit' && exit(5);
        $how === '/end' && $response->end('of the child');
        return;
    }
    pcntl_waitpid($pid, $status);
    $response->end(getmypid() . ' ' . pcntl_wexitstatus($status));
PHP);
$workers = [];
foreach (['/exit', '/return', '/end', '/exit'] as $path) {
    $raw = raw_request($port, "GET $path HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    [$worker, $code] = explode(' ', http_parse($raw)['body']);
    $workers[$worker] = true;
    echo "$path: ", substr_count($raw, 'HTTP/1.1 '), " answer, child $code\n";
}
echo count($workers), ' worker, exit code ', stop($server), "\n";
?>
--EXPECT--
returns: rows 0 child 0 received x close timer exit code 0
exits: rows 0 child 3 received x close timer exit code 0
has a loop: rows 0 its timer child 0 received x close timer exit code 0
before the loop: rows 0 goes on child 0 goes on received x close timer exit code 0
/exit: 1 answer, child 5
/return: 1 answer, child 0
/end: 1 answer, child 0
/exit: 1 answer, child 5
1 worker, exit code 0
