--TEST--
Every class: constructed twice, started twice, used after its end: a warning and false, or an exception, never more; no class is forgotten
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/classes.inc';

$listener = stream_socket_server('tcp://127.0.0.1:0');
$port = (int) substr(strrchr(stream_socket_get_name($listener, false), ':'), 1);
$none = fn () => null;
$async = new Swoole\Client(SWOOLE_TCP, SWOOLE_ASYNC);
foreach (['connect', 'receive', 'error', 'close'] as $event) {
    $async->on($event, $none);
}

// Of each class: a new object, and what is done to it, step by step.
$table = [
    'Swoole\Atomic' => [fn () => new Swoole\Atomic(5), ['__construct' => fn ($o) => $o->__construct(7), 'get' => fn ($o) => $o->get()]],
    'Swoole\Atomic\Long' => [fn () => new Swoole\Atomic\Long(5), ['__construct' => fn ($o) => $o->__construct(7), 'get' => fn ($o) => $o->get()]],
    'Swoole\Lock' => [fn () => new Swoole\Lock(SWOOLE_MUTEX), [
        '__construct' => fn ($o) => $o->__construct(SWOOLE_MUTEX), 'unlock' => fn ($o) => $o->unlock(), 'lock' => fn ($o) => $o->lock(),
        'trylock again' => fn ($o) => $o->trylock(), 'destroy' => fn ($o) => $o->destroy(), 'destroy again' => fn ($o) => $o->destroy(),
        'lock after it' => fn ($o) => $o->lock(), 'lockwait after it' => fn ($o) => $o->lockwait(0.01), 'unlock after it' => fn ($o) => $o->unlock()]],
    'Swoole\Table' => [fn () => new Swoole\Table(1024), [
        '__construct' => fn ($o) => $o->__construct(1024), 'set before create' => fn ($o) => $o->set('k', ['n' => 1]),
        'create without columns' => fn ($o) => $o->create(), 'column' => fn ($o) => $o->column('n', Swoole\Table::TYPE_INT),
        'create' => fn ($o) => $o->create(), 'create again' => fn ($o) => $o->create(), 'column after it' => fn ($o) => $o->column('m', Swoole\Table::TYPE_INT),
        'destroy' => fn ($o) => $o->destroy(), 'destroy again' => fn ($o) => $o->destroy(), 'get after it' => fn ($o) => $o->get('k'),
        'count after it' => fn ($o) => count($o), 'foreach after it' => function ($o) { foreach ($o as $row); }, '[] after it' => fn ($o) => $o['k'],
        'create once more' => fn ($o) => $o->create(), 'get from the new one' => fn ($o) => $o->get('k')]],
    'Swoole\Table\Row' => [function () {
        $table = new Swoole\Table(1024);
        $table->column('n', Swoole\Table::TYPE_INT);
        $table->create();
        $table->set('k', ['n' => 1]);
        $row = $table['k'];
        $table->destroy();
        return $row;
    }, ['read when its table is gone' => fn ($o) => $o['n'], 'write' => function ($o) { $o['n'] = 2; }, 'read' => fn ($o) => $o['n']]],
    'Swoole\Channel' => [fn () => new Swoole\Channel(8192), ['__construct' => fn ($o) => $o->__construct(8192), 'pop of none' => fn ($o) => $o->pop(), 'peek of none' => fn ($o) => $o->peek()]],
    'Swoole\Buffer' => [fn () => new Swoole\Buffer(16), [
        '__construct' => fn ($o) => $o->__construct(16), 'append' => fn ($o) => $o->append('abc'), 'clear' => fn ($o) => $o->clear(),
        'clear again' => fn ($o) => $o->clear(), 'read after it' => fn ($o) => $o->read(0, 3), 'recycle' => fn ($o) => $o->recycle(), 'recycle again' => fn ($o) => $o->recycle()]],
    'Swoole\Process' => [fn () => new Swoole\Process(fn ($process) => $process->read()), [
        '__construct' => fn ($o) => $o->__construct($none), 'start' => fn ($o) => is_int($o->start()), 'start again' => fn ($o) => preg_replace('/\d+/', 'N', outcome(fn () => $o->start())),
        'write' => fn ($o) => $o->write('end'), 'wait' => fn ($o) => Swoole\Process::wait()['code'], 'wait again' => fn ($o) => Swoole\Process::wait(),
        'close' => fn ($o) => $o->close(), 'close again' => fn ($o) => $o->close(), 'read after it' => fn ($o) => $o->read(), 'write after it' => fn ($o) => $o->write('x'),
        'freeQueue of none' => fn ($o) => $o->freeQueue(), 'push to none' => fn ($o) => $o->push('x'), 'exit in the parent' => fn ($o) => $o->exit(1)]],
    'Swoole\Process\Pool' => [fn () => new Swoole\Process\Pool(1), ['__construct' => fn ($o) => $o->__construct(1), 'start without a callback' => fn ($o) => $o->start(), 'shutdown of none' => fn ($o) => $o->shutdown(), 'write' => fn ($o) => $o->write('x')]],
    'Swoole\Client' => [fn () => new Swoole\Client(SWOOLE_TCP), [
        '__construct' => fn ($o) => $o->__construct(SWOOLE_TCP), 'send before connect' => fn ($o) => $o->send('x'), 'recv before connect' => fn ($o) => $o->recv(),
        'close before connect' => fn ($o) => $o->close(), 'connect' => fn ($o) => $o->connect('127.0.0.1', $port), 'connect again' => fn ($o) => $o->connect('127.0.0.1', $port),
        'close' => fn ($o) => $o->close(), 'close again' => fn ($o) => $o->close(), 'send after it' => fn ($o) => $o->send('x'), 'errCode' => fn ($o) => $o->errCode,
        'recv after it' => fn ($o) => $o->recv(), 'sendfile after it' => fn ($o) => $o->sendfile(__FILE__), 'getsockname after it' => fn ($o) => $o->getsockname(),
        'connect anew' => fn ($o) => $o->connect('127.0.0.1', $port)]],
    'async Swoole\Client' => [fn () => $async, [
        'send before connect' => fn ($o) => $o->send('x'), 'sleep before connect' => fn ($o) => $o->sleep(), 'connect' => fn ($o) => $o->connect('127.0.0.1', $port),
        'connect again' => fn ($o) => $o->connect('127.0.0.1', $port), 'close' => fn ($o) => $o->close(), 'close again' => fn ($o) => $o->close(),
        'wakeup after it' => fn ($o) => $o->wakeup(), 'send after it' => fn ($o) => $o->send('x'), 'connect anew' => fn ($o) => $o->connect('127.0.0.1', $port), 'close it' => fn ($o) => $o->close()]],
    'Swoole\Http\Client' => [fn () => new Swoole\Http\Client('127.0.0.1', $port), [
        '__construct' => fn ($o) => $o->__construct('127.0.0.1', $port), 'close before a request' => fn ($o) => $o->close(), 'push before upgrade' => fn ($o) => $o->push('x'),
        'get' => fn ($o) => $o->get('/', $none), 'get meanwhile' => fn ($o) => $o->get('/', $none), 'close' => fn ($o) => $o->close(), 'close again' => fn ($o) => $o->close(),
        'get anew' => fn ($o) => $o->get('/', $none), 'close it' => fn ($o) => $o->close()]],
    'Swoole\MySQL' => [fn () => new Swoole\MySQL(), [
        '__construct' => fn ($o) => $o->__construct(), 'query before connect' => fn ($o) => $o->query('SELECT 1', $none), 'close before connect' => fn ($o) => $o->close(),
        'connect' => fn ($o) => $o->connect(['host' => '127.0.0.1', 'port' => $port, 'user' => 'u', 'password' => 'p', 'database' => 'd'], $none),
        'connect again' => fn ($o) => $o->connect(['host' => '127.0.0.1', 'port' => $port, 'user' => 'u', 'password' => 'p', 'database' => 'd'], $none),
        'query meanwhile' => fn ($o) => $o->query('SELECT 1', $none), 'close' => fn ($o) => $o->close(), 'close again' => fn ($o) => $o->close(), 'query after it' => fn ($o) => $o->query('SELECT 1', $none)]],
    'Swoole\Redis' => [fn () => new Swoole\Redis(), [
        '__construct' => fn ($o) => $o->__construct(['timeout' => 2]), 'get before connect' => fn ($o) => $o->get('k', $none), 'close before connect' => fn ($o) => $o->close(),
        'connect' => fn ($o) => $o->connect('127.0.0.1', $port, $none), 'connect again' => fn ($o) => $o->connect('127.0.0.1', $port, $none),
        'close' => fn ($o) => $o->close(), 'close again' => fn ($o) => $o->close(), 'get after it' => fn ($o) => $o->get('k', $none)]],
    'Swoole\Timer' => [fn () => Swoole\Timer::after(1000, $none), ['clear' => fn ($o) => Swoole\Timer::clear($o), 'clear again' => fn ($o) => Swoole\Timer::clear($o), 'exists' => fn ($o) => Swoole\Timer::exists($o)]],
    'Swoole\Event' => [fn () => stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0)[0], [
        'add' => fn ($o) => is_int(Swoole\Event::add($o, $none)), 'add again' => fn ($o) => Swoole\Event::add($o, $none), 'del' => fn ($o) => Swoole\Event::del($o),
        'del again' => fn ($o) => Swoole\Event::del($o), 'set after it' => fn ($o) => Swoole\Event::set($o, $none), 'write after it' => fn ($o) => Swoole\Event::write($o, 'x'),
        'cycle of none' => fn ($o) => Swoole\Event::cycle(null), 'closed' => function ($o) use ($none) { fclose($o); return Swoole\Event::add($o, $none); }]],
    'Swoole\Async' => [fn () => null, ['a file that is not there' => fn () => Swoole\Async::readFile('/nonexistent', $none), 'no command' => fn () => Swoole\Async::exec('', $none)]],
    'Swoole\Mmap' => [fn () => Swoole\Mmap::open(temp_file('some bytes')), ['fclose' => fn ($o) => fclose($o), 'fread after it' => fn ($o) => fread($o, 1), 'open of nothing' => fn ($o) => Swoole\Mmap::open('/nonexistent')]],
    'Swoole\WebSocket\Frame' => [fn () => new Swoole\WebSocket\Frame(), ['unpack of nothing' => fn ($o) => $o->unpack('')]],
    'Swoole\Http\Request' => [fn () => new Swoole\Http\Request(), ['rawContent' => fn ($o) => $o->rawContent(), 'getData' => fn ($o) => $o->getData()]],
    'Swoole\Http\Response' => [fn () => new Swoole\Http\Response(), ['end' => fn ($o) => $o->end('x'), 'write' => fn ($o) => $o->write('x'), 'header' => fn ($o) => $o->header('A', 'b'), 'detach' => fn ($o) => $o->detach()]],
    'Swoole\Connection\Iterator' => [fn () => new Swoole\Connection\Iterator(), ['count' => fn ($o) => count($o), 'current' => fn ($o) => $o->current(), '[]' => fn ($o) => $o[1]]],
    'Swoole\Server' => [fn () => new Swoole\Server('127.0.0.1', 0), [
        '__construct' => fn ($o) => $o->__construct('127.0.0.1', 0), 'start without a callback' => fn ($o) => $o->start(), 'send before start' => fn ($o) => $o->send(1, 'x'),
        'close before start' => fn ($o) => $o->close(1), 'task before start' => fn ($o) => $o->task('x'), 'reload before start' => fn ($o) => $o->reload(),
        'shutdown before start' => fn ($o) => $o->shutdown(), 'stop before start' => fn ($o) => $o->stop(), 'stats before start' => fn ($o) => $o->stats(),
        'finish before start' => fn ($o) => $o->finish('x'), 'sendMessage before start' => fn ($o) => $o->sendMessage('x', 0)]],
    'Swoole\Server\Port' => [fn () => (new Swoole\Server('127.0.0.1', 0))->listen('127.0.0.1', 0, SWOOLE_TCP), ['on of nothing' => fn ($o) => $o->on('nothing', $none), 'set' => fn ($o) => $o->set([])]],
    'Swoole\Http\Server' => [fn () => new Swoole\Http\Server('127.0.0.1', 0), ['__construct' => fn ($o) => $o->__construct('127.0.0.1', 0), 'start without a callback' => fn ($o) => $o->start()]],
    'Swoole\Redis\Server' => [fn () => new Swoole\Redis\Server('127.0.0.1', 0), ['__construct' => fn ($o) => $o->__construct('127.0.0.1', 0), 'setHandler without a name' => fn ($o) => $o->setHandler('', $none)]],
];
// Without objects or acts of their own.
$others = ['Tether\Shutdown', 'Tether\Ledger', 'Swoole\Exception', 'Swoole\MySQL\Exception', 'Swoole\WebSocket\CloseFrame'];
foreach (array_diff(array_keys(tether_classes()), array_keys($table), $others) as $name) {
    echo "no row for $name\n";
}
foreach ($table as $name => [$make, $steps]) {
    echo "$name\n";
    $object = $make();
    foreach ($steps as $step => $do) {
        echo "  $step: ", outcome(fn () => $do($object)), "\n";
    }
    unset($object);
}
unset($async);
Swoole\Event::wait();
var_dump(ledger_empty());

function temp_file(string $bytes): string
{
    file_put_contents($path = temp_path(), $bytes);
    return $path;
}
?>
--EXPECTF--
Swoole\Atomic
  __construct: Error: The number exists already
  get: 5
Swoole\Atomic\Long
  __construct: Error: The number exists already
  get: 5
Swoole\Lock
  __construct: Error: The lock exists already
  unlock: false
  lock: true
  trylock again: false
  destroy: null
  destroy again: Error: The lock was destroyed
  lock after it: Error: The lock was destroyed
  lockwait after it: Error: The lock was destroyed
  unlock after it: Error: The lock was destroyed
Swoole\Table
  __construct: Error: The table exists already
  set before create: Error: The table must be created first
  create without columns: A table needs a column / false
  column: true
  create: true
  create again: The table is created already / false
  column after it: The table is created: it takes no more columns / false
  destroy: true
  destroy again: Error: The table must be created first
  get after it: Error: The table must be created first
  count after it: Error: The table must be created first
  foreach after it: Error: The table must be created first
  [] after it: Error: The table must be created first
  create once more: true
  get from the new one: false
Swoole\Table\Row
  read when its table is gone: 1
  write: null
  read: 2
Swoole\Channel
  __construct: Error: The channel exists already
  pop of none: false
  peek of none: false
Swoole\Buffer
  __construct: null
  append: 3
  clear: true
  clear again: true
  read after it: The offset and the length reach outside of the buffer / false
  recycle: true
  recycle again: true
Swoole\Process
  __construct: Error: The process exists already
  start: true
  start again: "The process runs already, as N \/ false"
  write: 3
  wait: 0
  wait again: false
  close: true
  close again: The process has no pipe / false
  read after it: The process has no pipe / false
  write after it: The process has no pipe / false
  freeQueue of none: The process uses no queue: call useQueue() first / false
  push to none: The process uses no queue: call useQueue() first / false
  exit in the parent: exit() is for the process itself, in its callback / false
Swoole\Process\Pool
  __construct: Error: The pool exists already
  start without a callback: Swoole\Exception: The callback 'WorkerStart' is missing: register it with on() before start()
  shutdown of none: The pool was not started / false
  write: Only a message that came over a socket is answered, in its callback / false
Swoole\Client
  __construct: null
  send before connect: Unable to send: not connected / false
  recv before connect: Unable to receive: not connected / false
  close before connect: The client is not connected / false
  connect: true
  connect again: The client is already connected / false
  close: true
  close again: The client is not connected / false
  send after it: Unable to send: not connected / false
  errCode: 5001
  recv after it: Unable to receive: not connected / false
  sendfile after it: Unable to send the file: not connected / false
  getsockname after it: false
  connect anew: true
async Swoole\Client
  send before connect: Unable to send: not connected / false
  sleep before connect: Unable to pause: not connected / false
  connect: true
  connect again: The client is already connected / false
  close: true
  close again: The client is not connected / false
  wakeup after it: Unable to resume: not connected / false
  send after it: Unable to send: not connected / false
  connect anew: true
  close it: true
Swoole\Http\Client
  __construct: null
  close before a request: The client is not connected / false
  push before upgrade: Unable to push the frame: not connected / false
  get: true
  get meanwhile: Operation now in progress: the response to another request is waited for / false
  close: true
  close again: The client is not connected / false
  get anew: true
  close it: true
Swoole\MySQL
  __construct: null
  query before connect: The client is not connected / false
  close before connect: The client is not connected / false
  connect: true
  connect again: The client is already connected / false
  query meanwhile: The client is not connected / false
  close: true
  close again: The client is not connected / false
  query after it: The client is not connected / false
Swoole\Redis
  __construct: null
  get before connect: Unable to send the command get: not connected / false
  close before connect: The client is not connected / false
  connect: true
  connect again: The client is already connected / false
  close: true
  close again: The client is not connected / false
  get after it: Unable to send the command get: not connected / false
Swoole\Timer
  clear: true
  clear again: false
  exists: false
Swoole\Event
  add: true
  add again: The descriptor %d is already watched / false
  del: true
  del again: The descriptor is not watched / false
  set after it: The descriptor is not watched / false
  write after it: Unable to write to the descriptor %d, Error: Broken pipe[32] / false
  cycle of none: false
  closed: The value has no open descriptor / false
Swoole\Async
  a file that is not there: Unable to open '/nonexistent', Error: No such file or directory[2] / false
  no command: The command is empty or has a null byte / false
Swoole\Mmap
  fclose: true
  fread after it: TypeError: fread(): supplied resource is not a valid stream resource
  open of nothing: Unable to map '/nonexistent', Error: No such file or directory[2] / false
Swoole\WebSocket\Frame
  unpack of nothing: false
Swoole\Http\Request
  rawContent: false
  getData: false
Swoole\Http\Response
  end: false
  write: Http request is finished. / false
  header: Http request is finished. / false
  detach: false
Swoole\Connection\Iterator
  count: 0
  current: false
  []: false
Swoole\Server
  __construct: Swoole\Exception: The server is constructed already
  start without a callback: Swoole\Exception: Event callback 'receive' is missing: register it with on() before start()
  send before start: Connections can be used in a running worker only / false
  close before start: Connections can be used in a running worker only / false
  task before start: The server is not running / false
  reload before start: The server is not running / false
  shutdown before start: The server is not running / false
  stop before start: The server is not running / false
  stats before start: The server is not running / false
  finish before start: finish() answers a task: it is for task workers / false
  sendMessage before start: The server is not running / false
Swoole\Server\Port
  on of nothing: Unknown event 'nothing' / false
  set: true
Swoole\Http\Server
  __construct: Swoole\Exception: The server is constructed already
  start without a callback: Swoole\Exception: Event callback 'request' is missing: register it with on() before start()
Swoole\Redis\Server
  __construct: Swoole\Exception: The server is constructed already
  setHandler without a name: ValueError: Swoole\Redis\Server::setHandler(): Argument #1 ($command) must have between 1 and 63 bytes
bool(true)
