<?php
/**
 * The event loop with sockets of PHP's own: a server that gives back in capitals what it reads, and its client.
 *
 *     php -d extension=tether examples/event.php
 */

use Swoole\Event;

$server = stream_socket_server('tcp://127.0.0.1:0');
Event::add($server, function ($server) {
    $peer = stream_socket_accept($server);
    Event::add($peer, function ($peer) {
        $data = fread($peer, 8192);
        if ($data === '' || $data === false) {
            Event::del($peer);
            fclose($peer);
            return;
        }
        // What the socket does not take now goes when it has room.
        Event::write($peer, strtoupper($data));
    });
});

$client = stream_socket_client('tcp://' . stream_socket_get_name($server, false));
Event::add($client, function ($client) use ($server) {
    echo fread($client, 8192), "\n";
    Event::del($client);
    fclose($client);
    // Nothing is left to wait for then: the loop ends by itself.
    Event::del($server);
    Event::defer(fn () => print("after this turn\n"));
});
Event::write($client, 'hello');
Event::wait();
echo "the loop has ended\n";
