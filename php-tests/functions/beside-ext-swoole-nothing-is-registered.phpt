--TEST--
Beside ext-swoole, in whichever order, one line says that nothing is registered; only a program that needs a class fails
--EXTENSIONS--
tether
--SKIPIF--
<?php require __DIR__ . '/../_support/harness.inc'; skip_without('cc', 'php-config');
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

// Stands in for it: an extension of that name without anything in it.
$folder = temp_dir();
$config = is_file($own = dirname(PHP_BINARY) . '/php-config') ? $own : 'php-config';
foreach (['swoole', 'openswoole'] as $name) {
    file_put_contents("$folder/$name.c", <<<C
    #include <php.h>
    zend_module_entry entry = { STANDARD_MODULE_HEADER, "$name", NULL, NULL, NULL, NULL, NULL, NULL, "1",
        STANDARD_MODULE_PROPERTIES };
    ZEND_DLEXPORT zend_module_entry *get_module(void) { return &entry; }
    C);
    exec("cc -shared -fPIC $($config --includes) -o $folder/$name.so $folder/$name.c 2>&1", $said, $status);
    if ($status !== 0) {
        echo implode("\n", $said), "\n";
    }
}

function say(string $order, array $words): void
{
    $child = new Process([PHP_BINARY, ...$words]);
    $code = $child->wait(10);
    echo "$order: ", preg_replace('/\n+/', '; ', trim($child->output() . $child->errors())), "; exit code $code\n";
}

$ours = php_settings();
$used = 'try { new Swoole\Client(1); } catch (Error $e) { echo $e->getMessage(), "\n"; exit(7); }';
foreach (['swoole', 'openswoole'] as $name) {
    say("$name last", [...$ours, '-d', "extension=$folder/$name.so", '-r', 'echo "ran\n";']);
    say("$name first", ['-n', '-d', "extension=$folder/$name.so", ...array_diff($ours, ['-n']), '-r', 'echo "ran\n";']);
}
say('used', [...$ours, '-d', "extension=$folder/swoole.so", '-r', $used]);
?>
--EXPECT--
swoole last: Warning: PHP Startup: The extension swoole is loaded and defines the same classes: tether registers nothing in Unknown on line 0; ran; exit code 0
swoole first: Warning: PHP Startup: The extension swoole is loaded and defines the same classes: tether registers nothing in Unknown on line 0; ran; exit code 0
openswoole last: Warning: PHP Startup: The extension openswoole is loaded and defines the same classes: tether registers nothing in Unknown on line 0; ran; exit code 0
openswoole first: Warning: PHP Startup: The extension openswoole is loaded and defines the same classes: tether registers nothing in Unknown on line 0; ran; exit code 0
used: Warning: PHP Startup: The extension swoole is loaded and defines the same classes: tether registers nothing in Unknown on line 0; Class "Swoole\Client" not found; exit code 7
