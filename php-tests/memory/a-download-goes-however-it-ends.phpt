--TEST--
Swoole\Http\Client: a download ends as any request does, leaves nothing, and closes its file
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

check_rows('download', OWN_CLOSE['http']);
check_row('download', 'before it stood', ['at' => at('download', 'answers'), 'then' => fn ($client) => $client->close()], story('download', BEFORE_IT_STOOD['download']));
check_rows('download', OTHER_ENDS['http']);
$at = at('download', 'answers');
foreach (['there is no folder' => ['/nonexistent/file', 2], 'there is no room' => ['/dev/full', 28]] as $name => [$file, $errno]) {
    check_row('download', $name, ['at' => [...$at, [], false, $file]], story('download', "connect open; response open (-3/$errno); ~response; close closing (-3/$errno); ~~"));
}
$half = peer(['answer' => "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", 'quiet' => true]);
check_row('download', 'the rest never comes', ['at' => ['127.0.0.1', $half->where], 'limit' => 0.05],
    story('download', 'connect open; response open (-2/110); ~response; close closing (-2/110); ~~'));
?>
--EXPECT--
in onConnect: as it should
in the response: as it should
in the response and again in onClose: as it should
in the response that failed: as it should
in onError: as it should
in onClose of the peer: as it should
before it stood: as it should
the peer closes: as it should
the peer closes with an answer: as it should
the peer resets: as it should
connecting is refused: as it should
connecting takes too long: as it should
the peer is silent: as it should
nothing is asked any more: as it should
the peer babbles: as it should
there is no folder: as it should
there is no room: as it should
the rest never comes: as it should
