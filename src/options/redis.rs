use super::Kind::{Bool, Int, Seconds, Size, Text};
use super::{RedisConfig, Row, Scope, Set};

/// The options of `Swoole\Redis`.
pub static REDIS: &[Row<RedisConfig>] = &[
    row("timeout", Seconds, "1.0", "connect only", Set::Seconds(|c, v| c.timeout = v)),
    row(
        "password",
        Text,
        "none",
        "sent with AUTH; at most 255 bytes",
        Set::Text(255, |c, v| c.password = Some(v)),
    ),
    row(
        "username",
        Text,
        "none",
        "sent with AUTH before the password (Redis 6 and newer)",
        Set::Text(255, |c, v| c.username = Some(v)),
    ),
    row(
        "database",
        Int,
        "none",
        "sent with SELECT; negative is none",
        Set::Int(i32::MIN as i64..=i32::MAX as i64, |c, v| c.database = u32::try_from(v).ok()),
    ),
    row("ssl", Bool, "false", "TLS, as the ssl_* options say", Set::Bool(|c, v| c.ssl = v)),
    row(
        "response_timeout",
        Seconds,
        "60",
        "how long the oldest waiting command may wait; blocking commands have their own",
        Set::Seconds(|c, v| c.response_timeout = v),
    ),
    row(
        "read_timeout",
        Seconds,
        "60",
        "another name of response_timeout",
        Set::Seconds(|c, v| c.response_timeout = v),
    ),
    row(
        "idle_timeout",
        Seconds,
        "300",
        "how long a connection stands without a command; never in subscribe mode",
        Set::Seconds(|c, v| c.idle_timeout = v),
    ),
    row(
        "socket_buffer_size",
        Size,
        "134217728",
        "bytes of commands that may wait to be sent; 0 lifts the limit",
        Set::Size(|c, v| c.socket_buffer_size = v),
    ),
    row(
        "package_max_length",
        Size,
        "268435456",
        "bytes of one reply, 64 more counted for each of its elements; 0 lifts the limit",
        Set::Size(|c, v| c.package_max_length = v),
    ),
];

const fn row(
    name: &'static str,
    kind: super::Kind,
    default: &'static str,
    doc: &'static str,
    set: Set<RedisConfig>,
) -> Row<RedisConfig> {
    Row::set(name, kind, default, Scope::Redis, doc, set)
}
