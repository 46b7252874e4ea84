--TEST--
exit() and exceptions in a watcher end a script, and everything is released
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

const PROGRAM = <<<'PHP'
<?php
[$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
$object = new class {
    public function __destruct()
    {
        echo "destroyed\n";
    }
};
fwrite($far, 'x');
swoole_event_add($near, static function ($socket) use ($object, $how) {
    if ($how === 'exit') {
        exit(3);
    }
    if ($how === 'fatal') {
        trigger_error('from a watcher', E_USER_ERROR);
    }
    throw new Exception('from a watcher');
}, static fn () => print("never\n"), SWOOLE_EVENT_READ | SWOOLE_EVENT_WRITE);
unset($object);
swoole_event_wait();
echo "not reached\n";
PHP;
foreach (['exit', 'throw', 'fatal'] as $how) {
    $child = run_php(PROGRAM, ['how' => $how]);
    var_dump($child->wait());
    echo preg_match('/Uncaught \w+: [a-z ]+|Fatal error: from a watcher/', $child->output(), $m) ? "$m[0]\n" : '';
    echo json_encode([str_contains($child->output(), "destroyed\n"), str_contains($child->output(), 'reached')]), "\n";
}
?>
--EXPECT--
int(3)
[true,false]
int(255)
Uncaught Exception: from a watcher in 
[true,false]
int(255)
Fatal error: from a watcher
[false,false]
