<?php

namespace Swoole;

/**
 * A call that the present state does not allow: a port in use (code: the errno), a missing callback, a
 * server that was not constructed. Wrong arguments throw PHP's own `TypeError` and `ValueError`.
 */
class Exception extends \Exception
{
}
