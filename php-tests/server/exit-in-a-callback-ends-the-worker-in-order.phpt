--TEST--
exit() in a callback ends the worker in order: onWorkerStop, shutdown functions, destructors; it is replaced, and a code that is not 0 is reported
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = start_server(<<<'PHP'
    final class Witness
    {
        public function __construct(private string $name)
        {
        }

        public function __destruct()
        {
            tell("$this->name gone");
        }
    }
    $serv->on('workerstart', function ($serv) {
        tell('start');
        register_shutdown_function(fn () => tell('shutdown function'));
        $GLOBALS['witness'] = new Witness('global');
    });
    $serv->on('request', function ($request, $response) {
        $local = new Witness('local');
        if ($request->server['path_info'] === '/keep') {
            $GLOBALS['kept'] = $response;
            return;
        }
        if (isset($GLOBALS['kept'])) {
            $GLOBALS['kept']->end('kept');
        }
        $response->end('said before');
        exit((int) $request->get['code']);
    });
    $serv->on('workerstop', fn ($serv, $id) => tell("stop $id"));
    $serv->on('workererror', fn ($serv, $id, $pid, $code, $signal) => tell("error $id $code $signal"));
PHP);
echo $server->hear(), "\n";
foreach ([0, 7] as $code) {
    $kept = dial($port);
    write_all($kept, "GET /keep HTTP/1.1\r\nHost: h\r\n\r\n");
    $server->hear();
    echo "--- exit($code): ", json_encode(http_get($port, "/?code=$code")['body']), ' ', json_encode(http_ask($kept, '')['body']), "\n";
    while (($word = $server->hear()) !== 'start') {
        echo $word, "\n";
    }
}
echo "---\n";
$server->signal(15);
echo json_encode(hear_to_the_end($server)), "\n";
?>
--EXPECT--
start
--- exit(0): "said before" "kept"
local gone
stop 0
shutdown function
global gone
--- exit(7): "said before" "kept"
local gone
stop 0
shutdown function
global gone
error 0 7 0
---
["stop 0","shutdown function","global gone",["returned",true],0]
