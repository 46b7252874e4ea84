--TEST--
The examples: the https client asks nginx, and does not trust everybody
--EXTENSIONS--
tether
--SKIPIF--
<?php
require __DIR__ . '/../_support/harness.inc';
skip_without('openssl', 'nginx');
?>
--FILE--
<?php
require __DIR__ . '/run.inc';
[$certificate, $key] = certificate('good');
$port = (string) free_port();
nginx_start(http: "server { listen 127.0.0.1:$port ssl; ssl_certificate $certificate; ssl_certificate_key $key; location / { return 200 hello; } }");
foreach ([[], [authority()]] as $authorities) {
    $client = example('https-client', [], ['localhost', $port, '/', ...$authorities]);
    $client->wait();
    finish($client);
}
?>
--EXPECT--
failed: The peer's certificate is signed by an unknown authority (1012)
exit code 0
200 5 bytes
exit code 0
