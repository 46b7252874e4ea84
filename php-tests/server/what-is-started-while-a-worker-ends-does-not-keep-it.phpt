--TEST--
A timer or a client that is started in onWorkerStop, a shutdown function or a destructor does not keep a worker that ends, and is released
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

$peer = silent_peer();
[$server, $port, $log] = start_server(<<<'PHP'
    final class Witness
    {
        public function __construct(private string $name, private bool $starts = false)
        {
        }

        public function __destruct()
        {
            tell("$this->name gone");
            if ($this->starts) {
                start("$this->name's timer");
            }
        }
    }
    function start(string $name): void
    {
        $witness = new Witness($name);
        Swoole\Timer::after(60000, function () use ($witness) {
            tell('never');
        });
    }
    // Before start(): it runs before the extension's own end of the script.
    register_shutdown_function(function () use ($where, $serv) {
        if (getmypid() === $serv->master_pid) {
            return;
        }
        start('shutdown function');
        $client = new Swoole\Client(SWOOLE_SOCK_TCP, SWOOLE_SOCK_ASYNC);
        foreach (['connect', 'receive', 'error', 'close'] as $event) {
            $client->on($event, fn () => tell("never $event"));
        }
        $client->witness = new Witness('client');
        tell($client->connect('127.0.0.1', $where));
    });
    $serv->on('workerstart', function () {
        $GLOBALS['global'] = new Witness('global', true);
        tell('start');
    });
    $serv->on('workerstop', fn () => start('onWorkerStop'));
    $serv->on('request', fn ($request, $response) => $response->end('x'));
PHP, ['max_wait_time' => 20], variables: ['where' => $peer->where]);
$server->hear();
$start = microtime(true);
$server->signal(15);
echo json_encode(hear_to_the_end($server)), "\n";
var_dump(microtime(true) - $start < 5 * patience(), str_contains(file_get_contents($log), 'WARNING'));
?>
--EXPECT--
["onWorkerStop gone",true,"client gone","shutdown function gone","global gone","global's timer gone",["returned",true],0]
bool(true)
bool(false)
