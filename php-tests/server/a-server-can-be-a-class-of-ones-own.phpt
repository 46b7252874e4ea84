--TEST--
A server can be a class of one's own, with a constructor that calls its parent's; the names with an underscore are the same classes
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

var_dump((new ReflectionClass('swoole_http_server'))->getName(), is_subclass_of('swoole_http_server', 'swoole_server'), class_exists('swoole_server'));
$server = run_php(<<<'PHP'
<?php
class App extends swoole_http_server
{
    private array $seen = [];

    public function __construct(private string $name)
    {
        parent::__construct('127.0.0.1', 0);
        $this->set(['worker_num' => 1, 'log_file' => '/dev/null']);
        $this->on('request', [$this, 'handle']);
        $this->on('start', function () {
            tell($this->port);
        });
    }

    public function handle(swoole_http_request $request, Swoole\Http\Response $response): void
    {
        $this->seen[] = $request->server['path_info'];
        $response->end($this->name . ' ' . implode(' ', $this->seen));
    }

    public function start(): bool
    {
        tell('mine');
        return parent::start();
    }

    public function __destruct()
    {
        tell(getmypid() === $this->master_pid ? 'destroyed in the master' : 'destroyed in the worker');
    }
}
(function () {
    $app = new App('app');
    $app->on('workerstart', fn ($serv) => tell(get_class($serv)));
    tell($app->start());
})();
// The object is in a cycle of its own: its callbacks name it.
tell(gc_collect_cycles() > 0);
PHP);
echo $server->hear(), "\n";
$port = $server->hear();
echo $server->hear(), "\n", http_get($port, '/a')['body'], "\n", http_get($port, '/b')['body'], "\n";
$server->signal(15);
echo implode("\n", array_map(json_encode(...), hear_to_the_end($server))), "\n";
?>
--EXPECT--
string(18) "Swoole\Http\Server"
bool(true)
bool(true)
mine
App
app /a
app /a /b
"destroyed in the worker"
true
"destroyed in the master"
true
0
