--TEST--
A WebSocket frame whose data is a frame, and so on without end, is an Error and no overflow of the stack
--EXTENSIONS--
tether
--FILE--
<?php
$inner = new Swoole\WebSocket\Frame;
$inner->data = 'x';
$outer = new Swoole\WebSocket\Frame;
$outer->data = $inner;
echo bin2hex((string) $outer), "\n";
$outer->data = $outer;
try {
    echo (string) $outer;
} catch (Error $e) {
    echo get_class($e), ': ', $e->getMessage(), "\n";
}
// It was not used up.
$outer->data = $inner;
echo bin2hex((string) $outer), "\n";
?>
--EXPECT--
8103810178
Error: The frame cannot be packed: frames are nested too deeply
8103810178
