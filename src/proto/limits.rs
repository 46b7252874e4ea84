//! Every cap on what the wire may ask for: its default and the attack that it stops.

/// Bytes of one HTTP request line. Longer is answered with 414: a target is read into PHP strings
/// several times over.
pub const HTTP_REQUEST_LINE: usize = 8 * 1024;

/// Bytes of one HTTP header line. Longer is answered with 431.
pub const HTTP_HEADER_LINE: usize = 8 * 1024;

/// Bytes of a whole HTTP head. Longer is answered with 431: a head that never ends would fill
/// memory before any body cap is looked at.
pub const HTTP_HEAD: usize = 64 * 1024;

/// Header lines of one HTTP head. More is answered with 431: each costs far more in PHP than on
/// the wire.
pub const HTTP_HEADERS: usize = 128;

/// Bytes of an HTTP request body, the default of `package_max_length`. More is answered with 413.
pub const HTTP_REQUEST_BODY: u64 = 2 * 1024 * 1024;

/// Bytes of an HTTP response body that the client collects: a peer must not be able to fill memory
/// by sending on.
pub const HTTP_RESPONSE_BODY: u64 = 64 * 1024 * 1024;

/// Bytes of all chunk extensions of one message. Extensions carry no data, so a peer could send
/// them for ever below every body cap.
pub const HTTP_CHUNK_EXTENSIONS: u32 = 16 * 1024;

/// Bytes of all trailer lines of one message; same reason.
pub const HTTP_TRAILERS: u32 = 16 * 1024;

/// Bytes of a proxy's answer to CONNECT, head and all: it carries nothing of use beyond its status.
pub const PROXY_HEAD: usize = 16 * 1024;

/// Bytes of a response header name that a program may set (classic cap).
pub const HTTP_SET_NAME: usize = 127;

/// Bytes of a response header value that a program may set (classic cap).
pub const HTTP_SET_VALUE: usize = 4096;

/// Bytes of a cookie name that a request may carry; longer ones are skipped (classic cap).
pub const HTTP_COOKIE_NAME: usize = 127;

/// Bytes of an end mark (`package_eof`): the classic cap.
pub const FRAMING_EOF: usize = 8;

/// Bytes from a packet's start within which its length must be found: a length that is asked for
/// (`package_length_func`) costs a call for each piece that arrives.
pub const FRAMING_HEAD: usize = 64 * 1024;

/// Bytes in which a packet of MQTT says how much follows (MQTT 5.0 section 1.5.5): the fourth must be the
/// last.
pub const MQTT_LENGTH: usize = 4;

/// The caps of one HTTP connection that options may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the request line; over it: 414. Default [`HTTP_REQUEST_LINE`].
    pub line: usize,
    /// Bytes of one header line; over it: 431. Default [`HTTP_HEADER_LINE`].
    pub header: usize,
    /// Bytes of the whole head; over it: 431. Default [`HTTP_HEAD`].
    pub head: usize,
    /// Bytes of the decoded body; over it: 413. Default [`HTTP_REQUEST_BODY`].
    pub body: u64,
}

impl Limits {
    /// The caps of a server: what it takes from clients.
    pub const REQUEST: Limits = Limits {
        line: HTTP_REQUEST_LINE,
        header: HTTP_HEADER_LINE,
        head: HTTP_HEAD,
        body: HTTP_REQUEST_BODY,
    };

    /// The caps of a client: what it takes from servers.
    pub const RESPONSE: Limits = Limits {
        line: HTTP_REQUEST_LINE,
        header: HTTP_HEADER_LINE,
        head: HTTP_HEAD,
        body: HTTP_RESPONSE_BODY,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Limits::REQUEST
    }
}
