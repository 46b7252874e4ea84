<?php
/**
 * Takes lines out of pieces as they come from a socket.
 *
 *     php -d extension=... examples/buffer.php
 */
$buffer = new Swoole\Buffer(64);
foreach (["first li", "ne\nsecond line\nthi", "rd line\nrest"] as $piece) {
    $buffer->append($piece);
    while (($end = strpos((string) $buffer, "\n")) !== false) {
        echo 'line: ', rtrim($buffer->substr(0, $end + 1, true)), "\n";
    }
}
echo "{$buffer->length} bytes wait: $buffer\n";
