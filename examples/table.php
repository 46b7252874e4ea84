<?php
/**
 * Three processes count words in one table.
 *
 *     php -d extension=... examples/table.php
 */
$words = new Swoole\Table(1024);
$words->column('count', Swoole\Table::TYPE_INT, 8);
$words->column('last', Swoole\Table::TYPE_STRING, 16);
$words->create();

foreach (['one two three', 'two three', 'three three'] as $number => $text) {
    if (pcntl_fork() === 0) {
        foreach (explode(' ', $text) as $word) {
            $words->incr($word, 'count');
            $words[$word]['last'] = "text $number";
        }
        exit(0);
    }
}
while (pcntl_wait($status) > 0) {
}

foreach (['one', 'two', 'three'] as $word) {
    echo "$word: {$words->get($word, 'count')}\n";
}
echo count($words), " words, {$words->size} rows\n";
