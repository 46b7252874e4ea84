--TEST--
Swoole\MySQL: whatever ends its connection is told once, in order, and leaves nothing
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/mysql.inc';

set_error_handler(static function (int $level, string $text): bool {
    Story::add("warning: $text");
    return true;
});
$at = static fn (int $port, array $more = []): array => $more + [
    'host' => '127.0.0.1', 'port' => $port, 'user' => 'u', 'password' => 'p', 'database' => 'd', 'timeout' => 30 * patience(),
];
$limit = 0.05 * patience();
$greeting = mysql_greeting();
$login = mysql_ok(2);
$full = full_backlog_listener();
$goes = mysql_peer($greeting, [$login], 'close');
$resets = mysql_peer($greeting, [$login], 'reset');
$silent = mysql_peer($greeting, [$login]);
$answers = mysql_peer($greeting, [$login, mysql_ok()]);
$babbles = mysql_peer($greeting, [$login, 'nonsense']);
$refused = refusing_port();
$rest = '~client; ~property; ~close';
$close = static function ($client): void {
    Story::add($client->close() ? 'closed' : 'not closed');
};
foreach ([
    'connecting is refused' => [$at($refused), [], "connect closing = false (111); ~connect; close closing (111); $rest"],
    'connecting takes too long' => [$at($full->port, ['timeout' => $limit]), [],
        "connect closing = false (110); ~connect; close closing (110); $rest"],
    'the server does not greet' => [$at(mysql_peer('', []), ['timeout' => $limit]), [],
        "connect closing = false (110); ~connect; close closing (110); $rest"],
    'the server greets with nonsense' => [$at(mysql_peer("\0nonsense\r\n\r\n", [])), [],
        "connect closing = false (104); ~connect; close closing (104); $rest"],
    'the server goes during the login' => [$at(mysql_peer($greeting, [], 'close')), [],
        "connect closing = false (104); ~connect; close closing (104); $rest"],
    'the server goes' => [$at($goes), [], "connect open = true; ~connect; answer closing = false (2013); ~answer; close closing; $rest"],
    'the server resets' => [$at($resets), [], "connect open = true; ~connect; answer closing = false (2013); ~answer; close closing; $rest"],
    'the server is silent' => [$at($silent, ['query_timeout' => $limit]), [],
        "connect open = true; ~connect; answer closing = false (110); ~answer; close closing; $rest"],
    'nothing is asked any more' => [$at($answers, ['idle_timeout' => $limit]), [],
        "connect open = true; ~connect; answer open = true; ~answer; close closing; $rest"],
    'the server babbles' => [$at($babbles), [],
        "connect open = true; ~connect; answer closing = false (2027); ~answer; close closing; $rest"],
    'closed in the connect callback' => [$at($silent), ['connect' => $close],
        'connect open = true; close closing; closed; ~client; ~property; ~close; ~connect'],
    'closed in the connect callback that failed' => [$at($refused), ['connect' => $close],
        'connect closing = false (111); close closing (111); closed; ~client; ~property; ~close; ~connect'],
    'closed in the answer' => [$at($answers), ['answer' => $close],
        'connect open = true; ~connect; answer open = true; close closing; closed; ~client; ~property; ~close; ~answer'],
    'closed in the answer that failed' => [$at($goes), ['answer' => $close],
        'connect open = true; ~connect; answer closing = false (2013); close closing; closed; ~client; ~property; ~close; ~answer'],
    'closed in the answer and again in onClose' => [$at($answers), ['answer' => $close, 'close' => $close],
        'connect open = true; ~connect; answer open = true; close closing; '
        . 'warning: Swoole\MySQL::close(): The client is not connected; not closed; closed; ~client; ~property; ~close; ~answer'],
    'closed in onClose of the server' => [$at($goes), ['close' => $close],
        'connect open = true; ~connect; answer closing = false (2013); ~answer; close closing; '
        . "warning: Swoole\MySQL::close(): The client is not connected; not closed; $rest"],
] as $name => [$config, $acts, $story]) {
    check_mysql($name, static fn () => start_mysql($config, $acts), $story);
}
check_mysql('closed before it stood', static function () use ($at, $silent, $close) {
    $weak = start_mysql($at($silent), [], null);
    $close($weak->get());
    return $weak;
}, "~connect; closed; $rest");
check_mysql('closed while a query waits', static function () use ($at, $silent, $close) {
    return start_mysql($at($silent), ['connect' => static function ($client) use ($close): void {
        $client->query('SELECT 1', static fn ($client, $result) => Story::add('answer = ' . json_encode($result) . " ($client->errno)"));
        $close($client);
    }], null);
}, "connect open = true; answer = false (5001); close closing; closed; ~client; ~property; ~close; ~connect");
?>
--EXPECT--
connecting is refused: as it should
connecting takes too long: as it should
the server does not greet: as it should
the server greets with nonsense: as it should
the server goes during the login: as it should
the server goes: as it should
the server resets: as it should
the server is silent: as it should
nothing is asked any more: as it should
the server babbles: as it should
closed in the connect callback: as it should
closed in the connect callback that failed: as it should
closed in the answer: as it should
closed in the answer that failed: as it should
closed in the answer and again in onClose: as it should
closed in onClose of the server: as it should
closed before it stood: as it should
closed while a query waits: as it should
