--TEST--
Swoole\Async: readFile, writeFile, read and write call back later, in the order of the jobs on a file
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
use Swoole\Async;

$file = temp_path('.txt');
echo "-- whole files\n";
var_dump(Async::writeFile($file, 'first', function ($name, $written) use ($file) {
    var_dump($name === $file, $written, Tether\Ledger::rows()[0]['kind'], Tether\Ledger::rows()[0]['state']);
    swoole_async_readfile($file, function ($name, $content) {
        var_dump($content);
    });
}));
var_dump(Tether\Ledger::count('reply'), 'nothing ran yet');
Swoole\Event::wait();
swoole_async_writefile($file, ' and more', null, FILE_APPEND);
swoole_async_writefile($file, ', in order', null, FILE_APPEND);
var_dump(Tether\Ledger::count());
Async::readFile($file, fn ($name, $content) => var_dump($content));
Async::writeFile($file, 'replaced');
Async::readFile($file, fn ($name, $content) => var_dump($content));
Swoole\Event::wait();

echo "-- in parts\n";
Async::write($file, 'REP', 0, fn ($name, $written) => var_dump($written));
swoole_async_write($file, '!', -1);
swoole_async_write($file, 'L', 3);
Async::read($file, function ($name, $chunk) {
    var_dump($chunk);
    return true;
}, 4);
Swoole\Event::wait();
echo "-- until it is false\n";
Async::read($file, function ($name, $chunk) {
    var_dump($chunk);
    return false;
}, 4, 2);
Swoole\Event::wait();
Async::read($file, function () { throw new Exception('stops it'); }, 1);
set_exception_handler(fn ($e) => print($e->getMessage() . "\n"));
Swoole\Event::wait();
var_dump(Tether\Ledger::count());

echo "-- refused at once\n";
$large = temp_path();
file_put_contents($large, str_repeat('x', (4 << 20) + 1));
touch($empty = temp_path());
foreach ([
    fn () => Async::readFile(temp_dir() . '/missing', 'var_dump'),
    fn () => Async::readFile($large, 'var_dump'),
    fn () => Async::readFile($empty, 'var_dump'),
    fn () => Async::readFile(temp_dir(), 'var_dump'),
    fn () => Async::readFile("a\0b", 'var_dump'),
    fn () => Async::writeFile($file, ''),
    fn () => Async::writeFile($file, str_repeat('x', (4 << 20) + 1)),
    fn () => Async::writeFile(temp_dir() . '/no/where', 'x'),
    fn () => Async::read($file, 'var_dump', 10, 1000),
    fn () => Async::read($file, 'var_dump', 10, -1),
    fn () => Async::read($file, 'var_dump', 0),
    fn () => Async::write($file, ''),
    fn () => Async::readFile($file, 'no function'),
] as $wrong) {
    set_error_handler(function ($level, $text) { echo preg_replace('~/\S*/~', '', $text), "\n"; });
    try {
        if ($wrong() !== false) {
            echo "not refused\n";
        }
    } catch (TypeError $e) {
        echo $e->getMessage(), "\n";
    }
}
var_dump(Tether\Ledger::count());
echo "-- without a loop of its own: at the end of the script\n";
Async::writeFile($file, 'at the end', fn () => print("called\n"));
?>
--EXPECTF--
-- whole files
bool(true)
int(1)
string(15) "nothing ran yet"
bool(true)
int(5)
string(5) "reply"
string(7) "running"
string(5) "first"
int(0)
string(24) "first and more, in order"
string(8) "replaced"
-- in parts
int(3)
string(4) "REPL"
string(4) "aced"
string(1) "!"
string(0) ""
-- until it is false
string(4) "PLac"
stops it
int(0)
-- refused at once
Swoole\Async::readFile(): Unable to open 'missing', Error: No such file or directory[2]
Swoole\Async::readFile(): The file is larger than 4194304 bytes
Swoole\Async::readFile(): The file is empty
Swoole\Async::readFile(): '%s' is no regular file
Swoole\Async::readFile(): The name of the file is empty or has a null byte
Swoole\Async::writeFile(): The content is empty
Swoole\Async::writeFile(): The content is larger than 4194304 bytes
Swoole\Async::writeFile(): Unable to open 'where', Error: No such file or directory[2]
Swoole\Async::read(): The offset lies outside of the file
Swoole\Async::read(): The offset lies outside of the file
Swoole\Async::read(): The size of a chunk must be greater than 0
Swoole\Async::write(): The content is empty
Swoole\Async::readFile(): Argument #2 ($callback) must be a valid callback, function "no function" not found or invalid function name
int(0)
-- without a loop of its own: at the end of the script
called
