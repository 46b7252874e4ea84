--TEST--
A max_memory that a worker exceeds from its start on is told once and not enforced; a size that is none is refused
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

$serv = new Swoole\Http\Server('127.0.0.1', 0);
foreach (['64MB', 'heap:1M', []] as $wrong) {
    try {
        $serv->set(['max_memory' => $wrong]);
    } catch (Error $error) {
        echo get_class($error), ': ', $error->getMessage(), "\n";
    }
}
[$server, $port, $log] = start_server(<<<'PHP'
    $serv->on('request', fn ($request, $response) => Swoole\Timer::after(200, fn () => $response->end((string) getmypid())));
PHP, ['max_memory' => 1000, 'max_memory_check_interval' => 10]);
echo json_encode(http_get($port)['body'] === http_get($port)['body']), ' ', json_encode(stop($server)), "\n";
echo preg_replace(['~^\[[^]]+\] ~m', '~[\d.]+ KiB,~'], ['', 'N KiB,'], file_get_contents($log));
?>
--EXPECT--
ValueError: option "max_memory" must be bytes or a size like "64M", of the resident memory with "rss:" before it
ValueError: option "max_memory" must be bytes or a size like "64M", of the resident memory with "rss:" before it
TypeError: option "max_memory" must be of type string, array given
true 0
WARNING max_memory has no effect: a worker that has just started uses N KiB, more than the 1 KiB allowed
INFO shutdown: the workers finish what they have begun
