<?php

namespace Swoole\Http;

/**
 * What a client asked. Made by the server for each request; it lives as long as the program holds it.
 * The arrays are built when they are first read.
 */
class Request
{
    /** @var int The session id of the connection, as `Server::getClientInfo()` takes it. */
    public $fd = 0;
    /** @var array<string, string>|null Names in lower case, without `cookie`; of equal names the last counts. */
    public $header = null;
    /** @var array{query_string?: string, request_method: string, request_uri: string, path_info: string, request_time: int, request_time_float: float, server_port: int, remote_port: int, remote_addr: string, master_time: int, server_protocol: string, server_software: string}|null request_uri is the path without the query. */
    public $server = null;
    /** @var array<string, mixed>|null The query as in `$_GET`; `null` without one. */
    public $get = null;
    /** @var array<string, mixed>|null An urlencoded body as in `$_POST`; `null` without one. */
    public $post = null;
    /** @var array<string, string>|null Decoded; of equal names the first counts. `null` without cookies. */
    public $cookie = null;
    /** @var array|null Not used yet: uploads come later. */
    public $files = null;
    /** @var array|null Not used yet: uploads come later. */
    public $tmpfiles = null;
    /** @var null Never filled. */
    public $request = null;

    /**
     * The body, its transfer coding taken off.
     *
     * @return string|false `false`: there is none.
     */
    public function rawContent(): string|false
    {
    }

    /**
     * Another name of `rawContent()`.
     *
     * @return string|false `false`: there is none.
     */
    public function getContent(): string|false
    {
    }

    /**
     * The head as it came, and the body with its transfer coding taken off.
     *
     * @return string|false `false`: not a request of a server.
     */
    public function getData(): string|false
    {
    }
}
