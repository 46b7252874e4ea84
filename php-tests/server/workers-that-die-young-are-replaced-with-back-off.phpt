--TEST--
A worker that dies within a second of its start is replaced with back-off, doubling from 0.1 s; one that throws in onWorkerStart is such a one
--EXTENSIONS--
tether
--INI--
display_errors=0
log_errors=0
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

foreach (['throw new Exception("planned");' => 255, 'exit(3);' => 3, 'exit(0);' => 'none', 'str_repeat("x", PHP_INT_MAX);' => 255] as $what => $code) {
    [$server] = start_server(<<<'PHP'
        $serv->on('request', fn () => null);
        $serv->on('workererror', fn ($serv, $id, $pid, $code) => tell($code));
        $serv->on('workerstart', function () use ($what) {
            tell(microtime(true));
            eval($what);
        });
    PHP, [], variables: ['what' => $what]);
    $starts = $codes = [];
    while (count($starts) < 5) {
        $word = $server->hear();
        is_float($word) ? $starts[] = $word : $codes[] = $word;
    }
    $fits = true;
    foreach ([0.1, 0.2, 0.4, 0.8] as $i => $delay) {
        $waited = $starts[$i + 1] - $starts[$i];
        $fits = $fits && $waited > $delay * 0.95 && $waited < $delay + 0.5 * patience();
    }
    echo $what, ': ', $fits ? 'backs off' : json_encode($starts), ', ', implode(' ', array_unique($codes) ?: ['none']), "\n";
    var_dump($codes === [] ? $code === 'none' : array_unique($codes) === [$code]);
    var_dump(stop($server));
}
?>
--EXPECT--
throw new Exception("planned");: backs off, 255
bool(true)
int(0)
exit(3);: backs off, 3
bool(true)
int(0)
exit(0);: backs off, none
bool(true)
int(0)
str_repeat("x", PHP_INT_MAX);: backs off, 255
bool(true)
int(0)
