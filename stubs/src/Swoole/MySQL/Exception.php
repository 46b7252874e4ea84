<?php

namespace Swoole\MySQL;

/**
 * A call of `Swoole\MySQL` that cannot be. Codes: 2 the host is no address; 11 a key of the configuration is
 * missing or unknown; 21 `begin()` inside a transaction; 22 `commit()` or `rollback()` outside of one.
 */
class Exception extends \Exception
{
}
