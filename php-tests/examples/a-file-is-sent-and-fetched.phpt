--TEST--
The examples: a file is sent as a form, and one is fetched into a file
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/run.inc';
$peer = run_php(__DIR__ . '/../clients/body_program.inc', ['answer' => base64_encode("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine")]);
$example = example('http-transfer', [], ['127.0.0.1', (string) $peer->hear(), __FILE__, temp_path()]);
$example->wait();
finish($example);
?>
--EXPECT--
upload: 200 fine
download: 200 4 bytes
exit code 0
