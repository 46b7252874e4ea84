<?php // COUNT operations of async clients, MODE by MODE: prints how many a second, and the CPU time of one in microseconds.
[, $mode, $port, $count] = $argv;
$port = (int) $port;
$left = (int) $count;

/** `$batch` commands on their way at any time, all on one connection. */
function redis(int $port, int $batch): void
{
    $redis = new Swoole\Redis();
    $redis->connect('127.0.0.1', $port, function ($redis) use ($batch) {
        global $left;
        $waiting = 0;
        $next = function ($redis) use (&$next, &$waiting, &$left, $batch) {
            if (--$waiting > 0) {
                return;
            }
            if ($left <= 0) {
                $redis->close();
                return;
            }
            $left -= $waiting = $batch;
            for ($i = 0; $i < $batch; $i++) {
                $redis->get('key', $next);
            }
        };
        $waiting = 1;
        $next($redis);
    });
}

/** Requests one after the other on a connection that stays. */
function http(int $port): void
{
    $client = new Swoole\Http\Client('127.0.0.1', $port);
    $client->set(['keep_alive' => true]);
    $next = function ($client) use (&$next) {
        global $left;
        $left-- > 0 ? $client->get('/', $next) : $client->close();
    };
    $client->get('/', $next);
}

/** 1,000 clients that connect at once, and all close when the last one stands; again and again. */
function connect(int $port): void
{
    global $left;
    $left -= $waiting = min($left, 1000);
    $clients = [];
    $stands = function () use (&$waiting, &$clients, $port) {
        if (--$waiting > 0) {
            return;
        }
        foreach ($clients as $client) {
            $client->close();
        }
        $clients = [];
        if ($GLOBALS['left'] > 0) {
            connect($port);
        }
    };
    $nothing = static function () {
    };
    for ($i = $waiting; $i > 0; $i--) {
        $clients[] = $client = new Swoole\Client(SWOOLE_SOCK_TCP, SWOOLE_SOCK_ASYNC);
        $client->on('connect', $stands);
        $client->on('receive', $nothing);
        $client->on('close', $nothing);
        $client->on('error', static fn ($client) => exit("connecting failed: $client->errCode\n"));
        $client->connect('127.0.0.1', $port, 10);
    }
}

$used = getrusage();
$start = hrtime(true);
match ($mode) {
    'redis' => redis($port, 1),
    'redis16' => redis($port, 16),
    'http' => http($port),
    'connect' => connect($port),
};
Swoole\Event::wait();
$seconds = (hrtime(true) - $start) / 1e9;
$now = getrusage();
$spent = static fn (string $which) => (($now["ru_$which.tv_sec"] - $used["ru_$which.tv_sec"]) * 1e6
    + $now["ru_$which.tv_usec"] - $used["ru_$which.tv_usec"]) / max(1, $count);
printf("%.2f %.2f %.2f %d\n", $spent('utime') + $spent('stime'), $spent('utime'), $spent('stime'), $count / $seconds);
