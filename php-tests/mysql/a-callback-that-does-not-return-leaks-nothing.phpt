--TEST--
Swoole\MySQL: an exception, an exit() or the end of the loop in its callbacks leaves nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/mysql.inc';

$greeting = mysql_greeting();
$port = mysql_peer($greeting, [mysql_ok(2), mysql_ok()]);
$config = ['host' => '127.0.0.1', 'port' => $port, 'user' => 'u', 'password' => 'p', 'database' => 'd', 'timeout' => 30 * patience()];

echo "--- an exception that a handler takes\n";
set_exception_handler(static function (Throwable $e): void {
    Story::add('handled ' . $e->getMessage());
});
$throw = static fn (string $event) => static function ($client) use ($event): void {
    Swoole\Event::defer(static fn () => $client->close());
    throw new Exception($event);
};
$rest = '~client; ~property; ~close';
check_mysql('in connect', static fn () => start_mysql($config, ['connect' => $throw('connect')], null),
    "connect open = true; handled connect; ~connect; close closing; $rest");
check_mysql('in the answer', static fn () => start_mysql($config, ['answer' => $throw('answer')]),
    "connect open = true; ~connect; answer open = true; handled answer; ~answer; close closing; $rest");
check_mysql('in onClose', static fn () => start_mysql($config, ['answer' => static fn ($client) => $client->close(), 'close' => static function (): void {
    throw new Exception('close');
}]), 'connect open = true; ~connect; answer open = true; close closing; handled close; ~client; ~property; ~close; ~answer');

echo "--- the end of the process\n";
foreach (['connect', 'answer', 'close', 'none'] as $event) {
    $child = run_php(<<<'PHP'
    <?php
    require $support;
    Story::$aloud = true;
    $exit = static function (): void {
        exit(7);
    };
    $close = static fn ($client) => $client->close();
    $later = static fn () => Swoole\Timer::after(1, $exit);
    start_mysql($config, match ($event) {
        'none' => ['answer' => $later],
        'close' => ['answer' => $close, 'close' => $exit],
        default => [$event => $exit],
    });
    PHP, ['support' => __DIR__ . '/../_support/mysql.inc', 'config' => $config, 'event' => $event]);
    $code = $child->wait(10 * patience());
    echo "$event: exit code $code\n", preg_replace('/^/m', '  ', trim($child->output() . $child->errors())), "\n";
}
?>
--EXPECT--
--- an exception that a handler takes
in connect: as it should
in the answer: as it should
in onClose: as it should
--- the end of the process
connect: exit code 7
  connect open = true
  ~connect
  ~client
  ~property
  ~close
answer: exit code 7
  connect open = true
  ~connect
  answer open = true
  ~answer
  ~client
  ~property
  ~close
close: exit code 7
  connect open = true
  ~connect
  answer open = true
  close closing
  ~answer
  ~client
  ~property
  ~close
none: exit code 7
  connect open = true
  ~connect
  answer open = true
  ~answer
  ~client
  ~property
  ~close
