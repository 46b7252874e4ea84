--TEST--
A reload runs the code that is on the disk now, behind a link that has moved too
--EXTENSIONS--
tether
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
[$server] = start_server(<<<'PHP'
    $serv->on('receive', fn () => null);
    $serv->on('start', function ($s) {
        realpath("$GLOBALS[folder]/current/code.php");
        tell(['listens on', $s->port]);
    });
    $serv->on('workerstart', function ($s, $id) {
        tell(require "$GLOBALS[folder]/current/code.php");
    });
PHP, [], 'Server', ['folder' => $folder]);
var_dump($server->hear());
unlink("$folder/current");
symlink("$folder/two", "$folder/current");
$server->signal(10);
var_dump($server->hear());
file_put_contents("$folder/two/code.php", "<?php return 'changed';");
$server->signal(10);
var_dump($server->hear(), stop($server));
?>
--EXPECT--
string(3) "one"
string(3) "two"
string(7) "changed"
int(0)
