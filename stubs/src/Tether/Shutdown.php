<?php

namespace Tether;

/**
 * Runs the loop when a script has ended with work pending. Registered by the engine itself.
 *
 * @internal
 */
final class Shutdown
{
    /** Not for programs. */
    private function __construct()
    {
    }

    /** Called by PHP, as the last shutdown function. */
    public function __invoke()
    {
    }
}
