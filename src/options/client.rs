use super::Kind::{Bool, Callable, Int, Seconds, Size, Text};
use super::{ClientConfig, Kind, PackageConfig, Row, Scope, Set};

/// The options of `Swoole\Client`; `Swoole\Http\Client` takes them too.
pub static CLIENT: &[Row<ClientConfig>] = &[
    set("open_tcp_nodelay", Bool, "true", "TCP_NODELAY", Set::Bool(|c, v| c.open_tcp_nodelay = v)),
    set(
        "bind_address",
        Text,
        "none",
        "the local address to connect from",
        Set::Text(255, |c, v| {
            let text = String::from_utf8_lossy(&v).into_owned();
            c.bind_address = Some(text).filter(|text| !text.is_empty());
        }),
    ),
    set(
        "bind_port",
        Int,
        "0",
        "the local port to connect from; 0 lets the kernel choose, an invalid one is ignored",
        Set::Int(i64::MIN..=i64::MAX, |c, v| c.bind_port = u16::try_from(v).unwrap_or(0)),
    ),
    set(
        "socket_buffer_size",
        Size,
        "8388608",
        "bytes that may wait to be sent; 0 lifts the limit",
        Set::Size(|c, v| c.socket_buffer_size = v),
    ),
    set(
        "package_max_length",
        Size,
        "2097152",
        "bytes of the longest packet",
        Set::Size(|c, v| c.package_max_length = v),
    ),
    set(
        "connect_timeout",
        Seconds,
        "0.5",
        "for a connect() that names no timeout",
        Set::Seconds(|c, v| c.connect_timeout = v),
    ),
    set(
        "read_timeout",
        Seconds,
        "300",
        "how long a connection may stand idle before its first data",
        Set::Seconds(|c, v| c.read_timeout = v),
    ),
    set(
        "total_timeout",
        Seconds,
        "none",
        "how long a connection may last in all, connecting included",
        Set::Seconds(|c, v| c.total_timeout = v),
    ),
    Row::ignored(
        "timeout",
        Seconds,
        "none",
        Scope::Client,
        "no option of this class",
        "the timeout is connect()'s third argument",
    ),
    set(
        "open_eof_check",
        Bool,
        "false",
        "deliver when what has come ends with package_eof; recv() gives one packet",
        Set::Bool(|c, v| c.packages.eof_check = v),
    ),
    set(
        "open_eof_split",
        Bool,
        "false",
        "deliver one packet for each package_eof",
        Set::Bool(|c, v| c.packages.eof_split = v),
    ),
    set(
        "package_eof",
        Text,
        "\\r\\n\\r\\n",
        "what ends a packet; 1 to 8 bytes",
        Set::Bytes(1..=8, |c, v| c.packages.eof = v),
    ),
    set(
        "open_length_check",
        Bool,
        "false",
        "packets begin with their length",
        Set::Bool(|c, v| c.packages.length_check = v),
    ),
    set(
        "package_length_type",
        Text,
        "N",
        "the length's pack() code: one of c C s S n N l L v V",
        Set::Bytes(1..=1, |c, v| c.packages.length_type = v.first().copied().unwrap_or_default()),
    ),
    set(
        "package_length_offset",
        Int,
        "0",
        "where the length stands",
        Set::Int(OFFSETS, |c, v| c.packages.length_offset = offset(v)),
    ),
    set(
        "package_body_offset",
        Int,
        "0",
        "where the length begins to count; 0: it counts the whole packet",
        Set::Int(OFFSETS, |c, v| c.packages.body_offset = offset(v)),
    ),
    set(
        "package_body_start",
        Int,
        "0",
        "another name of package_body_offset",
        Set::Int(OFFSETS, |c, v| c.packages.body_offset = offset(v)),
    ),
    set(
        "package_length_func",
        Callable,
        "none",
        "tells a packet's length from its beginning; 0: more is needed, negative: no packet",
        Set::Callable(|c, v| c.packages.length_func = v),
    ),
    set(
        "open_mqtt_protocol",
        Bool,
        "false",
        "packets of MQTT; marks and lengths go before it",
        Set::Bool(|c, v| c.packages.mqtt = v),
    ),
    set(
        "buffer_high_watermark",
        Size,
        "0.8 of socket_buffer_size",
        "bytes waiting to be sent at which onBufferFull runs",
        Set::Size(|c, v| c.buffer_high_watermark = Some(v)),
    ),
    set(
        "buffer_low_watermark",
        Int,
        "0",
        "bytes waiting to be sent at which onBufferEmpty runs after that",
        Set::Int(0..=i64::MAX, |c, v| {
            c.buffer_low_watermark = usize::try_from(v).unwrap_or_default();
        }),
    ),
];

const OFFSETS: std::ops::RangeInclusive<i64> = 0..=PackageConfig::MOST_OFFSET;

fn offset(value: i64) -> usize {
    usize::try_from(value).unwrap_or_default()
}

const fn set(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
    set: Set<ClientConfig>,
) -> Row<ClientConfig> {
    Row::set(name, kind, default, Scope::Client, doc, set)
}
