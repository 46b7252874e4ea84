--TEST--
A reload runs the code that is on the disk where OPcache never looks at files again, behind a link that has moved too
--EXTENSIONS--
tether
--INI--
opcache.enable_cli=1
opcache.validate_timestamps=0
opcache.file_update_protection=0
--SKIPIF--
<?php
if (!extension_loaded('Zend OPcache')) {
    die('skip needs OPcache: its own pass has it');
}
?>
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$folder = temp_dir();
foreach (['one', 'two'] as $release) {
    mkdir("$folder/$release");
    file_put_contents("$folder/$release/code.php", "<?php return '$release';");
}
symlink("$folder/one", "$folder/current");
foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    putenv("TETHER_SERVER_MODE=$mode");
    file_put_contents("$folder/two/code.php", "<?php return 'two';");
    unlink("$folder/current");
    symlink("$folder/one", "$folder/current");
    [$server] = start_server(<<<'PHP'
        $serv->on('receive', fn () => null);
        // The master has compiled it: what its workers inherit is old.
        tell('compiled ' . require "$folder/current/code.php");
        $serv->on('workerstart', function ($s, $id) use ($folder) {
            $file = "$folder/current/code.php";
            tell((opcache_is_script_cached($file) ? 'cached ' : 'new ') . require $file);
        });
    PHP, [], 'Server', ['folder' => $folder]);
    echo "$mode\n", $server->hear(), "\n", $server->hear(), "\n";
    // A new worker alone does not see a change.
    file_put_contents("$folder/one/code.php", "<?php return 'one, changed';");
    send_signal((int) current(children($server->pid, 1)), 9);
    echo $server->hear(), "\n";
    unlink("$folder/current");
    symlink("$folder/two", "$folder/current");
    $server->signal(10);
    echo $server->hear(), "\n";
    file_put_contents("$folder/two/code.php", "<?php return 'changed';");
    $server->signal(10);
    echo $server->hear(), "\n";
    echo stop($server), "\n";
    file_put_contents("$folder/one/code.php", "<?php return 'one';");
}
?>
--EXPECT--
SWOOLE_BASE
compiled one
cached one
cached one
new two
new changed
0
SWOOLE_PROCESS
compiled one
cached one
cached one
new two
new changed
0
