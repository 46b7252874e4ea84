--TEST--
Swoole\MySQL: an own close() in each callback tells its end once and leaves nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

check_rows('mysql', OWN_CLOSE['mysql']);
foreach (['answers', 'is silent', 'is full', 'refuses'] as $peer) {
    check_row('mysql', "before it stood, to a peer that $peer", ['at' => at('mysql', $peer), 'then' => fn ($client) => $client->close()], story('mysql', BEFORE_IT_STOOD['mysql']));
}
?>
--EXPECT--
in the connect callback: as it should
in the connect callback, with a query: as it should
in the connect callback that failed: as it should
in an answer: as it should
in an answer and again in onClose: as it should
in an answer that failed: as it should
in onClose of the peer: as it should
before it stood, to a peer that answers: as it should
before it stood, to a peer that is silent: as it should
before it stood, to a peer that is full: as it should
before it stood, to a peer that refuses: as it should
