<?php

namespace Swoole\Http;

/**
 * The answer to one request. It may outlive the callback: pipelined answers leave in the order of their
 * requests whenever they end. One that is destroyed without `end()` answers with its status, or with 500.
 *
 * Setters return null, or `false` with a warning once the head has been sent or the answer is over.
 */
class Response
{
    /** @var int The session id of the connection. */
    public $fd = 0;
    /** @var array<string, string>|null The headers set so far. */
    public $header = null;
    /** @var list<string>|null The Set-Cookie lines set so far. */
    public $cookie = null;
    /** @var null Not used: HTTP/2 only. */
    public $trailer = null;

    /**
     * Sets a header; of equal names the last counts. Content-Length and Transfer-Encoding are the server's.
     *
     * @param string $key The name.
     * @param string $value No line breaks or other control characters.
     * @param bool $ucwords Write the name as `Content-Type`; `false`: as given.
     * @return bool|null `false` with a warning.
     */
    public function header(string $key, string $value, bool $ucwords = true): ?bool
    {
    }

    /**
     * Makes arrays of `$header` and `$cookie`.
     *
     * @return bool|null `false` with a warning.
     */
    public function initHeader(): ?bool
    {
    }

    /**
     * Adds a cookie, its value urlencoded.
     *
     * @param string $name The name.
     * @param string $value Empty: the client deletes the cookie.
     * @param int $expires A unix time; 0: when the browser closes.
     * @param string $path Where it is sent.
     * @param string $domain To whom it is sent.
     * @param bool $secure Over TLS only.
     * @param bool $httponly Not for scripts.
     * @param string $samesite `Lax`, `Strict` or `None`.
     * @return bool|null `false` with a warning: an illegal character.
     */
    public function cookie(string $name, string $value = '', int $expires = 0, string $path = '', string $domain = '', bool $secure = false, bool $httponly = false, string $samesite = ''): ?bool
    {
    }

    /**
     * Adds a cookie, its value as it is.
     *
     * @param string $name The name.
     * @param string $value Empty: the client deletes the cookie.
     * @param int $expires A unix time; 0: when the browser closes.
     * @param string $path Where it is sent.
     * @param string $domain To whom it is sent.
     * @param bool $secure Over TLS only.
     * @param bool $httponly Not for scripts.
     * @param string $samesite `Lax`, `Strict` or `None`.
     * @return bool|null `false` with a warning: an illegal character.
     */
    public function rawCookie(string $name, string $value = '', int $expires = 0, string $path = '', string $domain = '', bool $secure = false, bool $httponly = false, string $samesite = ''): ?bool
    {
    }

    /**
     * Sets the status.
     *
     * @param int $code 101, or 200 to 999; without a call: 200.
     * @param string|null $reason `null`: the registered phrase.
     * @return bool|null `false` with a warning.
     */
    public function status(int $code, ?string $reason = null): ?bool
    {
    }

    /**
     * Not implemented yet: warns.
     *
     * @param int $level
     * @return bool `false`
     */
    public function gzip(int $level = -1): bool
    {
    }

    /**
     * Sends a part of the body; the first call sends the head, with `Transfer-Encoding: chunked`.
     *
     * @param string $data Not empty; at most buffer_output_size bytes.
     * @return bool `false`: the peer is gone; or with a warning.
     */
    public function write(string $data): bool
    {
    }

    /**
     * Sends the answer, or after `write()` its last part.
     *
     * @param string|null $data At most buffer_output_size bytes (2 MiB).
     * @return bool `false`: the peer is gone; or with a warning: ended before, or too large (it can be tried
     *     again with less).
     */
    public function end(?string $data = null): bool
    {
    }

    /**
     * Answers with a file, or a part of it, without a copy through PHP. Content-Type follows from the name
     * unless it is set.
     *
     * @param string $file A regular file that is not empty.
     * @param int $offset Where to start, in bytes.
     * @param int $length Bytes; 0: up to the end.
     * @return bool `false`: the peer is gone; or with a warning.
     * @throws \Swoole\Exception after `write()`.
     */
    public function sendfile(string $file, int $offset = 0, int $length = 0): bool
    {
    }

    /**
     * Sends the client elsewhere and ends the answer.
     *
     * @param string $url The Location header.
     * @param int $code 300 to 399.
     * @return bool `false`: the peer is gone; or with a warning.
     */
    public function redirect(string $url, int $code = 302): bool
    {
    }

    /**
     * Gives the exchange away: the object no longer answers. `create()` makes another one for it.
     *
     * @return bool `false`: the answer is over.
     */
    public function detach(): bool
    {
    }

    /**
     * Makes a response for the oldest unanswered request of a connection.
     *
     * @param int $fd The session id.
     * @return Response|false `false` with a warning: none waits for an answer.
     */
    public static function create(int $fd): Response|false
    {
    }

    /**
     * Whether the answer can still be sent: not over, and the peer is there.
     */
    public function isWritable(): bool
    {
    }
}
