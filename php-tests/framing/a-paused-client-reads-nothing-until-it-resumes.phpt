--TEST--
A client that sleeps receives nothing until it wakes up
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../clients/clients.inc';

foreach ([['sleep', 'wakeup'], ['pause', 'resume']] as [$pause, $resume]) {
    $peer = peer(['answer' => 'answer', 'after' => 1]);
    $client = telling_client();
    var_dump(@$client->$pause(), @$client->$resume());
    $client->on('connect', static function ($client) use ($pause, $resume, $peer) {
        var_dump($client->$pause(), $client->send('x'));
        Swoole\Timer::after(50, static function () use ($client, $resume, $peer) {
            $peer->saw('data');
            echo "time has passed\n";
            var_dump($client->$resume());
        });
    });
    $client->connect('127.0.0.1', $peer->where, 5);
    unset($client);
    Swoole\Event::wait();
    var_dump(ledger_empty());
}
$client = new Swoole\Client(SWOOLE_TCP);
var_dump($client->sleep());
?>
--EXPECTF--
bool(false)
bool(false)
bool(true)
int(1)
time has passed
bool(true)
receive answer
close
bool(true)
bool(false)
bool(false)
bool(true)
int(1)
time has passed
bool(true)
receive answer
close
bool(true)

Warning: Swoole\Client::sleep(): A synchronous client reads only in recv() in %s on line %d
bool(false)
