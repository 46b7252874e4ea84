<?php

namespace Swoole\Http;

/**
 * An HTTP/1.1 server: a {@see \Swoole\Server} whose connections speak HTTP. It needs
 * `on('request', callable(Swoole\Http\Request $request, Swoole\Http\Response $response): void)`.
 *
 * Keep-alive, pipelining (answered in order), chunked requests. A header line above 8 KiB, a head
 * above 64 KiB: 431; a body above package_max_length: 413; what is no HTTP: 400.
 */
class Server extends \Swoole\Server
{
}
