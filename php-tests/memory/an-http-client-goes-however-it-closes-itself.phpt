--TEST--
Swoole\Http\Client: an own close() in each callback tells its end once and leaves nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

check_rows('http', OWN_CLOSE['http']);
foreach (['answers', 'is silent', 'is full', 'refuses'] as $peer) {
    check_row('http', "before it stood, to a peer that $peer", ['at' => at('http', $peer), 'then' => fn ($client) => $client->close()], story('http', BEFORE_IT_STOOD['http']));
}
?>
--EXPECT--
in onConnect: as it should
in the response: as it should
in the response and again in onClose: as it should
in the response that failed: as it should
in onError: as it should
in onClose of the peer: as it should
before it stood, to a peer that answers: as it should
before it stood, to a peer that is silent: as it should
before it stood, to a peer that is full: as it should
before it stood, to a peer that refuses: as it should
