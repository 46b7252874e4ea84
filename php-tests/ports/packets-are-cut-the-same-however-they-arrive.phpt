--TEST--
Packets by end mark, by length, by package_length_func and of MQTT are cut the same at whatever byte the stream was cut
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../server/program.inc';

$kinds = [
    'check' => [['open_eof_check' => true, 'package_eof' => ';;'], 'one;;two;three;;', null],
    'split' => [['open_eof_split' => true, 'package_eof' => ';;'], 'one;;two;three;;;;', ['one;;', 'two;three;;', ';;']],
    'length' => [['open_length_check' => true], "\0\0\0\3one\0\0\0\0\0\0\0\4four", ["\0\0\0\3one", "\0\0\0\0", "\0\0\0\4four"]],
    'offset' => [['open_length_check' => true, 'package_length_type' => 'v', 'package_length_offset' => 1, 'package_body_offset' => 0], "x\5\0abx\3\0", ["x\5\0ab", "x\3\0"]],
    'mqtt' => [['open_mqtt_protocol' => true], "\xc0\0\x30\5\0\1ahi\x30\x81\1" . str_repeat('m', 129), ["\xc0\0", "\x30\5\0\1ahi", "\x30\x81\1" . str_repeat('m', 129)]],
    'func' => [['open_length_check' => true, 'package_length_func' => null], '3one11eleven more', ['3one', '11eleven more']],
];
[$server, $port] = start_server(<<<'PHP'
    // The length of what follows the digits, as digits; a digit may be the first of two.
    $length = fn (string $head) => preg_match('~^(\d+)\D~', $head, $m) ? strlen($m[1]) + $m[1] : (strlen($head) > 5 ? -1 : 0);
    foreach ($kinds as $name => $settings) {
        $port = $serv->listen('127.0.0.1', 0, SWOOLE_SOCK_TCP);
        $port->set(array_key_exists('package_length_func', $settings) ? ['package_length_func' => $length] + $settings : $settings);
    }
    $serv->on('receive', fn ($serv, $fd, $reactor, $data) => $serv->send($fd, strlen($data) . ":$data\n"));
    $serv->on('close', fn ($serv, $fd, $reactor) => $reactor === 0 ?: tell("closed by $reactor"));
    $serv->on('workerstart', fn ($serv) => tell(array_map(fn ($port) => $port->port, array_slice($serv->ports, 1))));
PHP, [], 'Server', ['kinds' => array_map(fn ($kind) => $kind[0], $kinds)]);
$ports = array_combine(array_keys($kinds), $server->hear());
foreach ($kinds as $name => [, $wire, $packets]) {
    $wrong = [];
    $whole = $packets === null ? null : implode('', array_map(fn ($packet) => strlen($packet) . ":$packet\n", $packets));
    for ($cut = 1; $cut <= strlen($wire); $cut++) {
        $stream = dial($ports[$name]);
        // The first part is in the server's hands before the second one is sent.
        write_all($stream, substr($wire, 0, $cut));
        wait_until_read($stream);
        write_all($stream, substr($wire, $cut));
        if ($whole === null) {
            $head = substr($wire, 0, $cut);
            $glued = str_ends_with($head, ';;') && $cut < strlen($wire) ? [$head, substr($wire, $cut)] : [$wire];
            $either = [implode('', array_map(fn ($packet) => strlen($packet) . ":$packet\n", $glued)), strlen($wire) . ":$wire\n"];
            $got = read_until($stream, fn ($got) => in_array($got, $either));
        } else {
            $got = read_until($stream, strlen($whole));
            $got === $whole ?: $wrong[$cut] = $got;
        }
    }
    $stream = dial($ports[$name]);
    foreach (str_split($wire) as $byte) {
        write_all($stream, $byte);
    }
    $got = $whole === null ? read_until($stream, fn ($got) => str_ends_with($got, "three;;\n")) : read_until($stream, strlen($whole));
    echo "$name: ", json_encode($wrong), ' ', $whole === null ? str_contains($got, 'one') : $got === $whole, "\n";
}
// What can be no packet ends the connection, after what was said; so does what is too long.
foreach (['length' => "\0\0\0\1x\xff\xff\xff\xff", 'func' => '1xxxxxxxx', 'mqtt' => "\x30\0\x30\xff\xff\xff\xff", 'split' => str_repeat('x', 3000000)] as $name => $wire) {
    echo "$name: ", json_encode(@raw_request($ports[$name], $wire)), "\n";
}
var_dump(stop($server));
?>
--EXPECT--
check: [] 1
split: [] 1
length: [] 1
offset: [] 1
mqtt: [] 1
func: [] 1
length: "5:\u0000\u0000\u0000\u0001x\n"
func: "2:1x\n"
mqtt: "2:0\u0000\n"
split: ""
int(0)
