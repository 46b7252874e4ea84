--TEST--
Swoole\Redis: an own close() in each callback tells its end once and leaves nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/rows.inc';

check_rows('redis', OWN_CLOSE['redis']);
foreach (['answers', 'is silent', 'is full', 'refuses'] as $peer) {
    check_row('redis', "before it stood, to a peer that $peer", ['at' => at('redis', $peer), 'then' => fn ($client) => $client->close()], story('redis', BEFORE_IT_STOOD['redis']));
}
?>
--EXPECT--
in the connect callback: as it should
in the connect callback, with a command: as it should
in the connect callback that failed: as it should
in a reply: as it should
in a reply and again in onClose: as it should
in a reply that failed: as it should
in onClose of the peer: as it should
before it stood, to a peer that answers: as it should
before it stood, to a peer that is silent: as it should
before it stood, to a peer that is full: as it should
before it stood, to a peer that refuses: as it should
