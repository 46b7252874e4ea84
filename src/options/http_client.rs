use super::Kind::{Bool, Seconds};
use super::{HttpClientConfig, Row, Scope, Set};

/// The options that `Swoole\Http\Client` has besides those of [`CLIENT`](super::CLIENT).
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
    Row::ignored(
        "websocket_mask",
        Bool,
        "true",
        Scope::HttpClient,
        "mask the frames that are sent",
        "frames of a client are always masked (RFC 6455 section 5.1)",
    ),
];
