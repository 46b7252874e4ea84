--TEST--
Swoole\Http\Client as a WebSocket: an own end in each callback is told once and leaves nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

check_rows('websocket', OWN_CLOSE['websocket']);
foreach (['answers', 'is silent', 'is full', 'refuses'] as $peer) {
    check_row('websocket', "before it stood, to a peer that $peer", ['at' => at('websocket', $peer), 'then' => fn ($client) => $client->close()], story('websocket', BEFORE_IT_STOOD['websocket']));
}
?>
--EXPECT--
in onConnect: as it should
in the response: as it should
in the response, with something to send: as it should
in onMessage: as it should
in onMessage and again in onClose: as it should
by a close frame in onMessage: as it should
in onError: as it should
in onClose of the peer: as it should
before it stood, to a peer that answers: as it should
before it stood, to a peer that is silent: as it should
before it stood, to a peer that is full: as it should
before it stood, to a peer that refuses: as it should
