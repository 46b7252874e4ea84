<?php
/**
 * Fetches a page over https, and says why if the peer is not to be trusted.
 *
 *     php -d extension=... examples/https-client.php [HOST [PORT [PATH [CAFILE]]]]
 *
 * Environment: HTTP_PROXY_HOST and HTTP_PROXY_PORT name a proxy.
 */
[, $host, $port, $path, $authorities] = $argv + [1 => 'www.example.com', '443', '/', ''];

$client = new Swoole\Http\Client($host, (int) $port, true);
$client->set(array_filter([
    'timeout' => 5,
    // Without it the system's authorities are trusted.
    'ssl_cafile' => $authorities,
    'http_proxy_host' => getenv('HTTP_PROXY_HOST'),
    'http_proxy_port' => getenv('HTTP_PROXY_PORT'),
]));
$client->get($path, function ($client) {
    if ($client->statusCode < 0) {
        echo "failed: $client->errMsg ($client->errCode)\n";
        return;
    }
    echo "$client->statusCode ", strlen($client->body), " bytes\n";
    $client->close();
});
