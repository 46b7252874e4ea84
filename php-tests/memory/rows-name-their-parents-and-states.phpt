--TEST--
The ledger's rows of clients: exact, with state, place and parent, whose number stays (T1, T2)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

/** A row as one line, with the names of what changes from run to run. */
function line(array $row): string
{
    global $names;
    return sprintf(
        '%s %s %s, parent %s, line %s, since %s',
        $row['kind'],
        $row['class'],
        $row['state'],
        $row['parent'] === 0 ? 'nobody' : $names[$row['parent']] ?? '?',
        $row['line'] - $GLOBALS['first'],
        abs(microtime(true) - $row['since']) < 60 ? 'now' : $row['since']
    );
}

function show(string $where): void
{
    echo "$where:\n";
    foreach (Tether\Ledger::rows() as $row) {
        echo '  ', line($row), "\n";
    }
}

function name_row(object $client, string $name): void
{
    global $names;
    foreach (Tether\Ledger::rows() as $row) {
        if ($row['object_id'] === spl_object_id($client)) {
            $names[$row['id']] = $name;
        }
    }
}

$names = [];
$http_port = at('http', 'answers')[1];
$redis_port = at('redis', 'answers')[1];
$first = __LINE__;
(static function () use ($http_port, $redis_port) {
    $http = new Swoole\Http\Client('127.0.0.1', $http_port);
    $http->get('/', static function ($http) use ($redis_port) {
        $redis = new Swoole\Redis;
        $redis->connect('127.0.0.1', $redis_port, static function ($redis) {
            $http = null;
            show('in the connect callback');
            // The number of a parent stays when the parent is gone.
            $timer = Swoole\Timer::after(1, static function () use ($redis) {
                show('in the timer');
                $redis->close();
                show('after close()');
            });
        });
        name_row($redis, 'the redis client');
        show('in the response');
        $http->close();
        show('after its close()');
    });
    name_row($http, 'the http client');
    show('after get()');
})();
Swoole\Event::wait();
show('at the end');
var_dump(Tether\Ledger::count(), Tether\Ledger::tree());
?>
--EXPECT--
after get():
  client Swoole\Http\Client connecting, parent nobody, line 3, since now
in the response:
  client Swoole\Http\Client open, parent nobody, line 3, since now
  client Swoole\Redis connecting, parent the http client, line 5, since now
after its close():
  client Swoole\Http\Client closing, parent nobody, line 3, since now
  client Swoole\Redis connecting, parent the http client, line 5, since now
in the connect callback:
  client Swoole\Redis open, parent the http client, line 5, since now
in the timer:
  client Swoole\Redis open, parent the http client, line 5, since now
  timer Closure running, parent the redis client, line 9, since now
after close():
  client Swoole\Redis closing, parent the http client, line 5, since now
  timer Closure running, parent the redis client, line 9, since now
at the end:
int(0)
string(0) ""
