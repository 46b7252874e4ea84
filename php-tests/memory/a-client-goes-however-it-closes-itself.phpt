--TEST--
Swoole\Client: an own close() in each callback tells its end once and leaves nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

check_rows('client', OWN_CLOSE['client']);
foreach (['answers', 'is silent', 'is full', 'refuses'] as $peer) {
    check_row('client', "before it stood, to a peer that $peer", ['at' => at('client', $peer), 'then' => fn ($client) => $client->close()], story('client', BEFORE_IT_STOOD['client']));
}
?>
--EXPECT--
in onConnect: as it should
in onConnect, with something to send: as it should
in onReceive: as it should
in onReceive and again in onClose: as it should
in onError: as it should
in onClose of the peer: as it should
before it stood, to a peer that answers: as it should
before it stood, to a peer that is silent: as it should
before it stood, to a peer that is full: as it should
before it stood, to a peer that refuses: as it should
