<?php

namespace Swoole;

/**
 * Files in memory that processes share.
 */
class Mmap
{
    /**
     * Maps a part of a file and gives it as a stream: `fread`, `fwrite`, `fseek` and the like work on shared
     * memory, and what is written shows in the file and in other processes at once. `fflush` waits until
     * it is on the disk. The part neither grows nor moves.
     *
     * @param string $filename A regular file that can be read and written.
     * @param int $size Bytes, inside of the file; below 1: up to its end.
     * @param int $offset Where the part begins in the file.
     * @return resource|false `false` with a warning: it cannot be opened or mapped.
     */
    public static function open(string $filename, int $size = -1, int $offset = 0)
    {
    }
}
