--TEST--
Versions, errors, constants and ini entries are those of the classic API
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';

var_dump(swoole_version(), SWOOLE_VERSION, SWOOLE_VERSION_ID, preg_match('/^\d+\.\d+\.\d+/', tether_version()));
var_dump(swoole_last_error(), is_int(swoole_errno()), swoole_cpu_num() > 0);
echo implode(', ', [
    swoole_strerror(13), swoole_strerror(5001), swoole_strerror(-2, SWOOLE_STRERROR_GAI),
    swoole_strerror(1, SWOOLE_STRERROR_DNS), swoole_strerror(1005, SWOOLE_STRERROR_SWOOLE),
]), "\n";
var_dump(swoole_hashcode('abc') === swoole_hashcode('abc'), swoole_hashcode('a', 1), swoole_get_mime_type('a/b.html'), swoole_get_mime_type('none'));
var_dump(swoole_call_user_shutdown_begin(), swoole_clear_dns_cache(), in_array('127.0.0.1', swoole_get_local_ip(), true));
foreach (swoole_get_local_ip() as $name => $address) {
    if (!is_string($name) || ip2long($address) === false) {
        echo "$name: $address\n";
    }
}
foreach (swoole_get_local_mac() as $name => $address) {
    if (!preg_match('/^([0-9A-F]{2}:){5}[0-9A-F]{2}$/', $address)) {
        echo "$name: $address\n";
    }
}
try {
    swoole_hashcode('a', 2);
} catch (ValueError $e) {
    echo $e->getMessage(), "\n";
}
foreach ([
    'SWOOLE_BASE' => 1, 'SWOOLE_PROCESS' => 2, 'SWOOLE_SOCK_TCP' => 1, 'SWOOLE_SOCK_UNIX_STREAM' => 6,
    'SWOOLE_ASYNC' => 1024, 'SWOOLE_SYNC' => 2048, 'SWOOLE_KEEP' => 4096, 'SWOOLE_SSL' => 512,
    'SWOOLE_TLSv1_2_METHOD' => 12, 'SWOOLE_EVENT_READ' => 512, 'SWOOLE_EVENT_WRITE' => 1024,
    'WEBSOCKET_OPCODE_PONG' => 10, 'WEBSOCKET_CLOSE_TLS' => 1015, 'SWOOLE_ERROR_CLIENT_NO_CONNECTION' => 5001,
    'SWOOLE_ERROR_SERVER_WORKER_EXIT_TIMEOUT' => 9012, 'SWOOLE_ERROR_OUTPUT_BUFFER_OVERFLOW' => 1008,
    'SWOOLE_TRACE_ALL' => 4294967295, 'SIGTERM' => 15, 'SIGSYS' => 31, 'SIG_IGN' => 1,
] as $name => $value) {
    if (constant($name) !== $value) {
        echo "$name is ", constant($name), "\n";
    }
}
echo json_encode(ini_get_all('tether', false)), "\n";
set_error_handler(fn ($level, $text) => print("$text\n"));
foreach (['On', '0'] as $value) {
    ini_set('swoole.fast_serialize', $value);
}
foreach ([-1, 0, 2] as $wrong) {
    echo json_encode([swoole_strerror($wrong), swoole_strerror($wrong, SWOOLE_STRERROR_GAI), swoole_strerror($wrong, SWOOLE_STRERROR_DNS)]), "\n";
}
var_dump(swoole_set_process_name(str_repeat('x', 128)));
var_dump(swoole_exception::class, is_subclass_of('swoole_exception', Exception::class), (new Swoole\Exception('x', 5))->getCode());
?>
--EXPECT--
string(6) "4.2.13"
string(6) "4.2.13"
int(40213)
int(1)
int(0)
bool(true)
bool(true)
Permission denied, the client is not connected, Name or service not known, Unknown host, there is no such connection
bool(true)
int(3392050242)
string(9) "text/html"
string(24) "application/octet-stream"
bool(true)
NULL
bool(false)
swoole_hashcode(): Argument #2 ($type) must be 0 (PHP's own) or 1 (one at a time)
{"swoole.aio_thread_num":"2","swoole.display_errors":"On","swoole.enable_coroutine":"On","swoole.fast_serialize":"Off","swoole.unixsock_buffer_size":"8388608","swoole.use_namespace":"Off","swoole.use_shortname":"On"}
ini_set(): swoole.fast_serialize has no effect: values go to other processes by serialize()
["Unknown error -1","Bad value for ai_flags","Unknown error"]
["Success","Unknown error","Resolver Error 0 (no error)"]
["No such file or directory","Unknown error","Host name lookup failure"]
swoole_set_process_name(): The name of a process has at most 127 bytes
bool(false)
string(16) "swoole_exception"
bool(true)
int(5)
