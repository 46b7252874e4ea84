--TEST--
A watcher holds its socket and both callbacks until del(), called inside a callback too (O2)
--EXTENSIONS--
tether
sockets
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

use Swoole\{Event, Timer};
use Tether\Ledger;

class Loud
{
    public function __construct(private string $name) {}
    public function __destruct()
    {
        echo "~{$this->name}\n";
    }
}

// A Socket of ext-sockets is an object: its end can be seen.
function watch(): array
{
    socket_create_pair(AF_UNIX, SOCK_STREAM, 0, $pair);
    [$read, $write] = [new Loud('read'), new Loud('write')];
    Event::add($pair[0], static function (Socket $socket) use ($read) {
        echo "read ", socket_recv($socket, $data, 10, 0), ' ', Ledger::rows()[0]['state'], "\n";
        if ($data === 'end') {
            var_dump(Event::del($socket), Event::isset($socket), Ledger::count());
        }
    }, static function (Socket $socket) use ($write) {
        echo "write\n";
        Event::set($socket, null, null, SWOOLE_EVENT_READ);
    }, SWOOLE_EVENT_READ | SWOOLE_EVENT_WRITE);
    return [WeakReference::create($pair[0]), $pair[1]];
}

[$socket, $far] = watch();
$descriptors = fd_count();
Event::defer(static fn () => print("the turn's end\n"));
Event::dispatch();
echo json_encode([Ledger::count('watcher'), $socket->get() !== null, Ledger::rows()[0]['class']]), "\n";
socket_write($far, 'end');
Event::defer(static fn () => print("the turn's end\n"));
Event::wait();
echo json_encode([Ledger::count(), $socket->get(), fd_count() - $descriptors]), "\n";

[$socket, $far] = watch();
var_dump(Event::del($socket->get()));
echo json_encode([Ledger::count(), $socket->get()]), "\n";
?>
--EXPECT--
write
the turn's end
[1,true,"Socket"]
read 3 running
bool(true)
bool(false)
int(2)
~read
~write
the turn's end
[0,null,-1]
~read
~write
bool(true)
[0,null]
