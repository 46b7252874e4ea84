use super::Kind::{Bool, Callable, Int, Seconds, Size, Text};
use super::{HttpClientConfig, Kind, Row, Scope, Set};

/// The options that `Swoole\Http\Client` has besides those of [`CLIENT`](super::CLIENT), of which
/// `package_max_length` is for WebSocket messages, and for bodies over 64 MiB.
pub static HTTP_CLIENT: &[Row<HttpClientConfig>] = &[
    Row::set(
        "timeout",
        Seconds,
        "0.5",
        Scope::HttpClient,
        "connect, and separately the response, measured from when the request was sent",
        Set::Seconds(|c, v| c.timeout = v),
    ),
    Row::set(
        "connect_timeout",
        Seconds,
        "timeout",
        Scope::HttpClient,
        "connect alone",
        Set::Seconds(|c, v| c.client.connect_timeout = v),
    ),
    Row::set(
        "keep_alive",
        Bool,
        "true",
        Scope::HttpClient,
        "keep the connection for the next request",
        Set::Bool(|c, v| c.keep_alive = v),
    ),
    Row::set(
        "websocket_mask",
        Bool,
        "true",
        Scope::HttpClient,
        "mask the frames that are sent; they are in any case (RFC 6455 section 5.1)",
        Set::Bool(|c, v| c.websocket_mask = v),
    ),
    packets("open_eof_check", Bool),
    packets("open_eof_split", Bool),
    packets("package_eof", Text),
    packets("open_length_check", Bool),
    packets("package_length_type", Text),
    packets("package_length_offset", Int),
    packets("package_body_offset", Int),
    packets("package_body_start", Int),
    packets("package_length_func", Callable),
    packets("open_mqtt_protocol", Bool),
    packets("buffer_high_watermark", Size),
    packets("buffer_low_watermark", Size),
];

/// An option of `Swoole\Client` that means nothing to HTTP.
const fn packets(name: &'static str, kind: Kind) -> Row<HttpClientConfig> {
    Row::ignored(
        name,
        kind,
        "none",
        Scope::HttpClient,
        "for `Swoole\\Client` only",
        "HTTP has its own framing and queues one request at a time",
    )
}
