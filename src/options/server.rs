use std::time::Duration;

use super::Kind::{Bool, Callable, Int, List, Seconds, Size, Text};
use super::Scope::{Port, Server};
use super::{Later, PackageConfig, Row, ServerConfig, Set};

/// The options of `Swoole\Server`, `Swoole\Http\Server` and `Swoole\WebSocket\Server`.
pub static SERVER: &[Row<ServerConfig>] = &[
    Row::set(
        "worker_num",
        Int,
        "the CPU count",
        Server,
        "event workers; 0 and less are the default",
        Set::Int(ANY, |c, v| c.worker_num = small(v)),
    ),
    Row::set(
        "max_request",
        Int,
        "0",
        Server,
        "a worker is replaced after so many requests; 0 is never",
        Set::Int(ANY, |c, v| c.max_request = count(v)),
    ),
    Row::set(
        "max_request_grace",
        Int,
        "0",
        Server,
        "each worker adds a random 0..n to max_request",
        Set::Int(ANY, |c, v| c.max_request_grace = count(v)),
    ),
    Row::set(
        "max_memory",
        Text,
        "none",
        Server,
        "a worker whose PHP heap (with rss: its resident memory) is larger is replaced: bytes, 64M",
        Set::Memory(|c, v| c.memory.limit = v),
    ),
    Row::set(
        "max_memory_check_interval",
        Int,
        "1000",
        Server,
        "how often a worker looks at its memory, in milliseconds",
        Set::Int(1..=DAY_MS, |c, v| c.memory.interval = Duration::from_millis(count(v))),
    ),
    Row::set(
        "max_wait_time",
        Seconds,
        "30",
        Server,
        "how long a worker that stops may finish what it has begun; 0 is no limit",
        Set::Seconds(|c, v| c.max_wait_time = v),
    ),
    Row::set(
        "max_conn",
        Int,
        "100000, or less if the descriptor limit is",
        Server,
        "connections of all workers; those above are accepted and closed at once",
        Set::Int(ANY, |c, v| c.max_conn = Some(small(v)).filter(|&n| n > 0)),
    ),
    Row::set(
        "max_connection",
        Int,
        "the descriptor limit",
        Server,
        "another name of max_conn",
        Set::Int(ANY, |c, v| c.max_conn = Some(small(v)).filter(|&n| n > 0)),
    ),
    Row::set(
        "backlog",
        Int,
        "512",
        Port,
        "connections that wait to be accepted",
        Set::Int(1..=65_535, |c, v| c.backlog = small(v)),
    ),
    Row::set(
        "open_tcp_nodelay",
        Bool,
        "true",
        Port,
        "TCP_NODELAY on accepted sockets",
        Set::Bool(|c, v| c.open_tcp_nodelay = v),
    ),
    Row::set(
        "open_tcp_keepalive",
        Bool,
        "false",
        Port,
        "let the kernel watch idle peers",
        Set::Bool(|c, v| c.open_tcp_keepalive = v),
    ),
    Row::set(
        "tcp_keepidle",
        Int,
        "3600",
        Port,
        "seconds of silence before the first probe",
        Set::Int(1..=32_767, |c, v| c.keepalive.idle = Duration::from_secs(count(v))),
    ),
    Row::set(
        "tcp_keepinterval",
        Int,
        "60",
        Port,
        "seconds between probes",
        Set::Int(1..=32_767, |c, v| c.keepalive.interval = Duration::from_secs(count(v))),
    ),
    Row::set(
        "tcp_keepcount",
        Int,
        "5",
        Port,
        "unanswered probes that end a connection",
        Set::Int(1..=127, |c, v| c.keepalive.count = small(v)),
    ),
    Row::set(
        "tcp_defer_accept",
        Int,
        "0",
        Port,
        "seconds that the kernel may wait for data before it hands a connection over",
        Set::Int(0..=3600, |c, v| c.tcp_defer_accept = small(v)),
    ),
    Row::set(
        "socket_buffer_size",
        Size,
        "8388608",
        Port,
        "bytes that may wait to be sent on one connection; 0 lifts the limit",
        Set::Size(|c, v| c.socket_buffer_size = v),
    ),
    Row::set(
        "buffer_output_size",
        Size,
        "2097152",
        Server,
        "bytes of one send()",
        Set::Size(|c, v| c.buffer_output_size = v),
    ),
    Row::set(
        "package_max_length",
        Size,
        "2097152",
        Port,
        "bytes of the longest packet or request; at least 65536",
        Set::Size(|c, v| c.package_max_length = v),
    ),
    Row::set(
        "http_parse_post",
        Bool,
        "true",
        Server,
        "fill Request::$post from urlencoded bodies",
        Set::Bool(|c, v| c.http_parse_post = v),
    ),
    Row::set(
        "log_file",
        Text,
        "standard output",
        Server,
        "where the engine's own lines go",
        Set::Text(PATH, |c, v| c.log_file = Some(v).filter(|path| !path.is_empty())),
    ),
    Row::set(
        "log_level",
        Int,
        "2",
        Server,
        "0 debug, 1 trace, 2 info, 3 notice, 4 warning, 5 error",
        Set::Int(0..=5, |c, v| c.log_level = u8::try_from(v).unwrap_or(2)),
    ),
    Row::set(
        "pid_file",
        Text,
        "none",
        Server,
        "the master writes its process id here and removes it at shutdown",
        Set::Text(PATH, |c, v| c.pid_file = Some(v).filter(|path| !path.is_empty())),
    ),
    Row::set(
        "reactor_num",
        Int,
        "the CPU count, at most 8",
        Server,
        "I/O threads of SWOOLE_PROCESS, at most worker_num; 0 and less are the default",
        Set::Int(ANY, |c, v| c.reactor_num = small(v)),
    ),
    Row::set(
        "dispatch_mode",
        Int,
        "2",
        Server,
        "which worker gets what in SWOOLE_PROCESS: 1 in turn, 2 by $fd, 3 and 7 the idlest, \
         4 by the client's address, 5 by bind()",
        Set::Int(1..=7, |c, v| c.dispatch_mode = small(v)),
    ),
    Row::set(
        "dispatch_func",
        Callable,
        "none",
        Server,
        "SWOOLE_PROCESS: says which worker gets what: ($serv, $fd, $type, $data), where $type is 0 \
         data, 4 close, 5 connect; below 0: nobody. All connections are on the master's main thread",
        Set::Callable(|c, v| c.dispatch_func = v),
    ),
    Row::set(
        "enable_unsafe_event",
        Bool,
        "false",
        Server,
        "onConnect and onClose run with dispatch_mode 1, 3 and 7 too",
        Set::Bool(|c, v| c.enable_unsafe_event = v),
    ),
    Row::set(
        "discard_timeout_request",
        Bool,
        "false",
        Server,
        "with dispatch_mode 1, 3 and 7 what a closed connection has sent is dropped",
        Set::Bool(|c, v| c.discard_timeout_request = v),
    ),
    Row::set(
        "enable_delay_receive",
        Bool,
        "false",
        Server,
        "nothing is read from a connection before confirm()",
        Set::Bool(|c, v| c.watch.delay_receive = v),
    ),
    Row::ignored(
        "enable_reuse_port",
        Bool,
        "true",
        Server,
        "SO_REUSEPORT",
        "workers always share the port this way",
    ),
    Row::later("open_cpu_affinity", Bool, "false", Server, "pin workers to CPUs", AFFINITY),
    Row::later("cpu_affinity_ignore", List, "none", Server, "CPUs left out", AFFINITY),
    Row::set(
        "daemonize",
        Bool,
        "false",
        Server,
        "run in the background, in the folder /; output goes to log_file, or nowhere",
        Set::Bool(|c, v| c.daemonize = v),
    ),
    Row::set(
        "chroot",
        Text,
        "none",
        Server,
        "the root folder of all processes but the master; needs root",
        Set::Text(PATH, |c, v| c.chroot = Some(v).filter(|path| !path.is_empty())),
    ),
    Row::set(
        "user",
        Text,
        "none",
        Server,
        "the user of all processes but the master; needs root",
        Set::Text(NAME, |c, v| c.user = Some(v).filter(|name| !name.is_empty())),
    ),
    Row::set(
        "group",
        Text,
        "the user's",
        Server,
        "the group of all processes but the master; needs root",
        Set::Text(NAME, |c, v| c.group = Some(v).filter(|name| !name.is_empty())),
    ),
    Row::set(
        "log_format",
        Text,
        "text",
        Server,
        "text, or json: an object a line",
        Set::Text(NAME, |c, v| c.log_format = v),
    ),
    Row::ignored("debug_mode", Bool, "false", Server, "more log lines", "log_level decides"),
    Row::ignored("trace_flags", Int, "0", Server, "what to trace", "log_level decides"),
    Row::ignored(
        "message_queue_key",
        Int,
        "none",
        Server,
        "see task_ipc_mode",
        "tasks travel through unix sockets, not through a message queue",
    ),
    Row::later("request_slowlog_timeout", Int, "1", Server, "what is slow", SLOWLOG),
    Row::later("request_slowlog_file", Text, "none", Server, "where it is told", SLOWLOG),
    Row::later("trace_event_worker", Bool, "false", Server, "event workers too", SLOWLOG),
    Row::later("reload_async", Bool, "false", Server, "onWorkerStop before the wait", RELOAD),
    Row::set(
        "task_worker_num",
        Int,
        "0",
        Server,
        "task workers",
        Set::Int(ANY, |c, v| c.task_worker_num = small(v)),
    ),
    Row::set(
        "task_ipc_mode",
        Int,
        "1",
        Server,
        "how tasks travel: 1, through unix sockets",
        Set::Int(1..=4, |c, v| c.task_ipc_mode = v),
    ),
    Row::set(
        "task_max_request",
        Int,
        "0",
        Server,
        "a task worker is replaced after so many tasks; 0 is never",
        Set::Int(ANY, |c, v| c.task_max_request = count(v)),
    ),
    Row::ignored(
        "task_tmpdir",
        Text,
        "none",
        Server,
        "where large tasks wait",
        "large tasks travel in memory, no file is written",
    ),
    Row::ignored("task_enable_coroutine", Bool, "false", Server, "coroutines", COROUTINES),
    Row::set(
        "heartbeat_check_interval",
        Int,
        "0",
        Server,
        "seconds between looks for silent connections; 0: none",
        Set::Int(0..=1 << 30, |c, v| c.watch.heartbeat_check_interval = seconds(v)),
    ),
    Row::set(
        "heartbeat_idle_time",
        Int,
        "twice heartbeat_check_interval",
        Server,
        "seconds of silence that end a connection",
        Set::Int(0..=1 << 30, |c, v| c.watch.heartbeat_idle_time = seconds(v)),
    ),
    Row::set(
        "header_timeout",
        Seconds,
        "60",
        Server,
        "HTTP: for the head of a request, from its first byte; 0 is no limit",
        Set::Seconds(|c, v| c.watch.header_timeout = v),
    ),
    Row::set(
        "body_timeout",
        Seconds,
        "60",
        Server,
        "HTTP: for the next bytes of a request's body; 0 is no limit",
        Set::Seconds(|c, v| c.watch.body_timeout = v),
    ),
    Row::set(
        "write_timeout",
        Seconds,
        "60",
        Server,
        "HTTP: for the peer to take the next bytes of its answer; 0 is no limit",
        Set::Seconds(|c, v| c.watch.write_timeout = v),
    ),
    Row::set(
        "buffer_total_size",
        Size,
        "268435456",
        Server,
        "bytes that may wait in one worker for all its connections; 0 lifts the limit",
        Set::Size(|c, v| c.watch.buffer_total_size = v),
    ),
    Row::set(
        "open_eof_check",
        Bool,
        "false",
        Port,
        "deliver when what has come ends with package_eof: packets may be glued together",
        Set::Bool(|c, v| c.port.packages.eof_check = v),
    ),
    Row::set(
        "open_eof_split",
        Bool,
        "false",
        Port,
        "deliver one packet for each package_eof",
        Set::Bool(|c, v| c.port.packages.eof_split = v),
    ),
    Row::set(
        "package_eof",
        Text,
        "\\r\\n\\r\\n",
        Port,
        "what ends a packet; 1 to 8 bytes",
        Set::Bytes(1..=8, |c, v| c.port.packages.eof = v),
    ),
    Row::set(
        "open_length_check",
        Bool,
        "false",
        Port,
        "packets begin with their length",
        Set::Bool(|c, v| c.port.packages.length_check = v),
    ),
    Row::set(
        "package_length_type",
        Text,
        "N",
        Port,
        "the length's pack() code: one of c C s S n N l L v V",
        Set::Bytes(1..=1, |c, v| {
            c.port.packages.length_type = v.first().copied().unwrap_or_default();
        }),
    ),
    Row::set(
        "package_length_offset",
        Int,
        "0",
        Port,
        "where the length stands",
        Set::Int(OFFSETS, |c, v| c.port.packages.length_offset = bytes(v)),
    ),
    Row::set(
        "package_body_offset",
        Int,
        "4",
        Port,
        "where the length begins to count; 0: it counts the whole packet",
        Set::Int(OFFSETS, |c, v| c.port.packages.body_offset = bytes(v)),
    ),
    Row::set(
        "package_body_start",
        Int,
        "4",
        Port,
        "another name of package_body_offset",
        Set::Int(OFFSETS, |c, v| c.port.packages.body_offset = bytes(v)),
    ),
    Row::set(
        "package_length_func",
        Callable,
        "none",
        Port,
        "tells a packet's length from its beginning; 0: more is needed, negative: no packet",
        Set::Callable(|c, v| c.port.packages.length_func = v),
    ),
    Row::set(
        "open_http_protocol",
        Bool,
        "by class",
        Port,
        "HTTP on this port: requests go to onRequest",
        Set::Bool(|c, v| c.port.http = Some(v)),
    ),
    Row::later("open_websocket_protocol", Bool, "by class", Port, "WebSocket", WEBSOCKET),
    Row::later("open_http2_protocol", Bool, "false", Port, "HTTP/2 on this port", HTTP2),
    Row::set(
        "open_mqtt_protocol",
        Bool,
        "false",
        Port,
        "packets of MQTT go to onReceive",
        Set::Bool(|c, v| c.port.packages.mqtt = v),
    ),
    Row::set(
        "open_redis_protocol",
        Bool,
        "by class",
        Port,
        "each request of the Redis protocol is a packet",
        Set::Bool(|c, v| c.port.redis = v),
    ),
    Row::later("websocket_subprotocol", Text, "none", Port, "what is agreed to", WEBSOCKET),
    Row::later("open_websocket_close_frame", Bool, "false", Port, "show them", WEBSOCKET),
    Row::set(
        "tcp_fastopen",
        Bool,
        "false",
        Port,
        "TCP_FASTOPEN: data may come with the first packet",
        Set::Bool(|c, v| c.port.fastopen = v),
    ),
    Row::ignored(
        "buffer_input_size",
        Size,
        "2097152",
        Server,
        "nothing",
        "package_max_length limits what is received",
    ),
    Row::set(
        "buffer_high_watermark",
        Size,
        "0.8 of socket_buffer_size",
        Port,
        "bytes waiting for a peer at which onBufferFull runs",
        Set::Size(|c, v| c.port.high_watermark = Some(v)),
    ),
    Row::set(
        "buffer_low_watermark",
        Int,
        "0",
        Port,
        "bytes waiting for a peer at which onBufferEmpty runs after that",
        Set::Int(0..=i64::MAX, |c, v| c.port.low_watermark = bytes(v)),
    ),
    Row::set(
        "kernel_socket_recv_buffer_size",
        Int,
        "the kernel's",
        Port,
        "SO_RCVBUF",
        Set::Int(1..=1 << 30, |c, v| c.port.receive_buffer = Some(bytes(v))),
    ),
    Row::set(
        "kernel_socket_send_buffer_size",
        Int,
        "the kernel's",
        Port,
        "SO_SNDBUF",
        Set::Int(1..=1 << 30, |c, v| c.port.send_buffer = Some(bytes(v))),
    ),
    Row::later("ssl_cert_file", Text, "none", Port, "the certificate", TLS),
    Row::later("ssl_key_file", Text, "none", Port, "its key", TLS),
    Row::later("ssl_method", Int, "0", Port, "the TLS version", TLS),
    Row::later("ssl_ciphers", Text, "the library's", Port, "the ciphers", TLS),
    Row::later("ssl_ecdh_curve", Text, "the library's", Port, "the key exchange", TLS),
    Row::later("ssl_dhparam", Text, "none", Port, "DH parameters", TLS),
    Row::later("ssl_client_cert_file", Text, "none", Port, "roots of clients", TLS),
    Row::later("ssl_verify_depth", Int, "1", Port, "the longest chain", TLS),
    Row::later("ssl_prefer_server_ciphers", Bool, "true", Port, "our order holds", TLS),
    Row::later("ssl_verify_peer", Bool, "false", Port, "ask clients for theirs", TLS),
    Row::later("ssl_allow_self_signed", Bool, "false", Port, "accept those", TLS),
    Row::ignored("ssl_session_tickets", Bool, "true", Port, "resumption", LIBRARY),
    Row::ignored("ssl_stapling", Bool, "false", Port, "OCSP stapling", LIBRARY),
    Row::ignored("ssl_stapling_verify", Bool, "false", Port, "OCSP stapling", LIBRARY),
    Row::ignored("ssl_session_cache", Bool, "true", Port, "resumption", LIBRARY),
    Row::later("upload_tmp_dir", Text, "the system's", Server, "where uploads wait", UPLOADS),
    Row::later("enable_static_handler", Bool, "false", Server, "serve files", STATIC_FILES),
    Row::later("document_root", Text, "none", Server, "from this folder", STATIC_FILES),
    Row::later("static_handler_locations", List, "all", Server, "below these", STATIC_FILES),
    Row::later("http_compression", Bool, "true", Server, "by Accept-Encoding", COMPRESSION),
    Row::later("http_compression_level", Int, "1", Server, "how hard", COMPRESSION),
    Row::later("http_gzip_level", Int, "1", Server, "another name of that", COMPRESSION),
    Row::ignored("enable_coroutine", Bool, "false", Server, "coroutines", COROUTINES),
    Row::ignored("max_coroutine", Int, "none", Server, "coroutines", COROUTINES),
    Row::ignored("max_coro_num", Int, "none", Server, "coroutines", COROUTINES),
    Row::ignored("send_yield", Bool, "false", Server, "coroutines", COROUTINES),
    Row::ignored("send_timeout", Seconds, "none", Server, "coroutines", COROUTINES),
];

/// The longest interval, in milliseconds.
const DAY_MS: i64 = 86_400_000;
const ANY: std::ops::RangeInclusive<i64> = i64::MIN..=i64::MAX;
const OFFSETS: std::ops::RangeInclusive<i64> = 0..=PackageConfig::MOST_OFFSET;
/// Linux's PATH_MAX with its final zero.
const PATH: usize = 4095;
/// Longer than any name of a user.
const NAME: usize = 255;

const COROUTINES: &str = "this engine calls back, it has no coroutines";
const LIBRARY: &str = "the TLS library decides, as it did in the classic engine";

const AFFINITY: Later = Later { comes_with: "CPU affinity", instead: "the kernel places workers" };
const SLOWLOG: Later =
    Later { comes_with: "the slow log", instead: "slow callbacks are not reported" };
const RELOAD: Later = Later {
    comes_with: "onWorkerExit",
    instead: "a worker that stops finishes within max_wait_time and then runs onWorkerStop",
};
const WEBSOCKET: Later =
    Later { comes_with: "WebSocket servers", instead: "there is no upgrade until then" };
const HTTP2: Later = Later { comes_with: "HTTP/2", instead: "HTTP/1.1 is spoken" };
const TLS: Later = Later { comes_with: "TLS", instead: "ports are plain until then" };
const UPLOADS: Later =
    Later { comes_with: "file uploads", instead: "multipart bodies are left to rawContent()" };
const STATIC_FILES: Later =
    Later { comes_with: "static files", instead: "every request goes to onRequest" };
const COMPRESSION: Later =
    Later { comes_with: "compression", instead: "bodies go out as they are" };

fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn seconds(value: i64) -> Option<Duration> {
    (value > 0).then(|| Duration::from_secs(count(value)))
}

fn bytes(value: i64) -> usize {
    usize::try_from(value).unwrap_or_default()
}

fn small(value: i64) -> u32 {
    u32::try_from(count(value)).unwrap_or(u32::MAX)
}
