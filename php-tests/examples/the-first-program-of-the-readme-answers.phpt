--TEST--
The README's first program answers, and its ledger shows what is held
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/run.inc';
preg_match('/```php\n(.*?)```/s', file_get_contents(dirname(__DIR__, 2) . '/README.md'), $m);
$program = str_replace("Server('127.0.0.1', 9502);\n", <<<'PHP'
Server('127.0.0.1', 0);
$serv->on('workerstart', function ($serv) {
    ready();
    tell($serv->port);
});

PHP, $m[1], $n);
var_dump($n);
$server = run_server($program);
$port = $server->hear();
$slow = dial($port);
write_all($slow, "GET /?name=Ada HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
$tree = wait_for(function () use ($port) {
    $tree = http_get($port, '/ledger')['body'];
    return str_contains($tree, 'timer') ? $tree : false;
});
echo preg_replace('/127\.0\.0\.1:\d+ \S+/', '127.0.0.1:PORT', $tree);
echo http_parse(read_until($slow))['body'];
echo preg_replace('/127\.0\.0\.1:\d+ \S+/', '127.0.0.1:PORT', http_get($port, '/ledger')['body']);
echo 'exit code ', stop($server), "\n";
?>
--EXPECTF--
int(1)
#%d server Swoole\Http\Server#%d running 127.0.0.1:PORT %fs
#%d timer %s
Hello, Ada
#%d server Swoole\Http\Server#%d running 127.0.0.1:PORT %fs
exit code 0
