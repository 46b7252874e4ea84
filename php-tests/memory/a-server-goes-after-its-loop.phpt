--TEST--
A server's callbacks live as long as the server, which is destroyed after its loop (O3)
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

$child = run_php(<<<'PHP'
<?php
require $rows;
Story::$aloud = true;
class Told2 extends Swoole\Http\Server
{
    public function __destruct()
    {
        Story::add('~server');
    }
}
(static function () use ($log) {
    $server = new Told2('127.0.0.1', 0);
    $server->set(['worker_num' => 1, 'log_file' => $log]);
    $server->property = new Token('property');
    foreach (['start', 'workerstart', 'request', 'shutdown'] as $event) {
        $bound = new Token($event);
        $server->on($event, static function ($server) use ($bound, $event) {
            if ($event === 'workerstart') {
                // The master's output alone is told.
                Story::$aloud = false;
                tell('up');
            }
        });
        unset($bound);
    }
    $server->start();
    Story::add('started and ended');
})();
Story::add('left: ' . Tether\Ledger::count() . ' and ' . Tether\Ledger::count('server'));
PHP, ['rows' => __DIR__ . '/rows.inc', 'log' => temp_path('.log')]);
$child->hear();
var_dump($child->stop());
echo $child->output(), $child->errors();
?>
--EXPECT--
int(0)
started and ended
~server
~property
~start
~workerstart
~request
~shutdown
left: 0 and 0
