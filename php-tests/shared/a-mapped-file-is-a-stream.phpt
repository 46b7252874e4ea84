--TEST--
Swoole\Mmap: a part of a file as a stream, shared between processes, and whole when the file shrinks
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
$file = temp_path();
file_put_contents($file, str_repeat('.', 20000));
$before = fd_count();
$map = Swoole\Mmap::open($file, 100, 5000);
var_dump(get_resource_type($map), fwrite($map, 'hello'), ftell($map), fseek($map, 0), fread($map, 7), feof($map));
var_dump(substr(file_get_contents($file), 4998, 9));
var_dump(fseek($map, -2, SEEK_END), fwrite($map, 'abc'), fflush($map), fseek($map, 98), stream_get_contents($map), feof($map));
var_dump(fseek($map, 101), fseek($map, 3), fwrite($map, 'LO'), rewind($map), fgets($map, 6));

echo "-- two processes\n";
$child = new Swoole\Process(function ($process) use ($map) {
    fseek($map, 0);
    fwrite($map, 'child');
    $process->write('done');
});
$child->start();
$child->read();
Swoole\Process::wait();
fseek($map, 0);
var_dump(fread($map, 5));
unset($child);

echo "-- the file shrinks\n";
ftruncate(fopen($file, 'r+'), 5002);
fseek($map, 0);
var_dump(fread($map, 100), fseek($map, 50), fwrite($map, 'x'));
var_dump(fclose($map), fd_count() - $before);

echo "-- the whole file, and a handle that is only forgotten\n";
file_put_contents($file, 'all of it');
$map = swoole_mmap::open($file);
var_dump(stream_get_contents($map));
unset($map);
var_dump(fd_count() - $before);
var_dump(stays_flat(function () use ($file) {
    fwrite(Swoole\Mmap::open($file), 'y');
}, 200, 2000));

echo "-- refused\n";
file_put_contents($empty = temp_path(), '');
set_error_handler(function ($level, $text) { echo preg_replace('~/\S*/~', '', $text), "\n"; });
foreach ([[''], [temp_dir() . '/missing'], [$empty], [$file, 100], [$file, 1, 9], [$file, -1, 10], [temp_dir()]] as $args) {
    var_dump(Swoole\Mmap::open(...$args));
}
try {
    Swoole\Mmap::open($file, 1, -1);
} catch (ValueError $e) {
    echo $e->getMessage(), "\n";
}
?>
--EXPECTF--
string(6) "stream"
int(5)
int(5)
int(0)
string(7) "hello.."
bool(false)
string(9) "..hello.."
int(0)
int(2)
bool(true)
int(0)
string(2) "ab"
bool(true)
int(-1)
int(0)
int(2)
bool(true)
string(5) "helLO"
-- two processes
string(5) "child"
-- the file shrinks
string(2) "ch"
int(0)
int(0)
bool(true)
int(0)
-- the whole file, and a handle that is only forgotten
string(9) "all of it"
int(0)
bool(true)
-- refused
Swoole\Mmap::open(): The name of the file is empty or has a null byte
bool(false)
Swoole\Mmap::open(): Unable to map 'missing', Error: No such file or directory[2]
bool(false)
Swoole\Mmap::open(): Unable to map '%d', Error: Invalid argument[22]
bool(false)
Swoole\Mmap::open(): Unable to map '%d', Error: Invalid argument[22]
bool(false)
Swoole\Mmap::open(): Unable to map '%d', Error: Invalid argument[22]
bool(false)
Swoole\Mmap::open(): Unable to map '%d', Error: Invalid argument[22]
bool(false)
Swoole\Mmap::open(): Unable to map '%s', Error: Is a directory[21]
bool(false)
Swoole\Mmap::open(): Argument #3 ($offset) must be greater than or equal to 0
