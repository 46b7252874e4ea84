//! Responses onto the wire.

use std::time::{Duration, UNIX_EPOCH};

use bytes::BytesMut;

use super::fields::is_field_value;
use super::header_block::{HeaderBlock, Known};
use super::request::Version;
use super::status::reason;

/// What `Server` says unless the program set it.
pub const SERVER_NAME: &str = "tether-http-server";

/// Ends a chunked body: the last chunk and no trailers.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// What a response head is made of.
#[derive(Clone, Copy, Debug)]
pub struct ResponseHead<'a> {
    /// 100 to 999; anything else is sent as 500.
    pub status: u16,
    /// Replaces the registered reason phrase, unless it holds a control character.
    pub reason: Option<&'a [u8]>,
    /// What the program set.
    pub headers: &'a HeaderBlock,
    /// The coding that the server itself put on the body.
    pub content_encoding: Option<&'static str>,
    /// The version of the request.
    pub peer: Version,
    /// Whether the server would keep the connection: what the request wants and what the server
    /// allows.
    pub keep_alive: bool,
    /// The request was HEAD.
    pub is_head: bool,
    /// Now; the caller keeps it for the second.
    pub stamp: &'a Stamp,
}

/// What is known of a body when its head goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodySize {
    /// That many bytes follow.
    Known(u64),
    /// It is written piece by piece.
    Unknown,
}

/// How the body is to be sent after its head, and what becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framed {
    /// Body bytes are sent at all: not for HEAD, 1xx, 204, 205, 304.
    pub body: bool,
    /// They are sent as chunks, ended by [`LAST_CHUNK`]. False for an unknown size: the close
    /// ends it.
    pub chunked: bool,
    /// The connection is closed after the response.
    pub close: bool,
}

/// Appends a whole response to `out`.
pub fn encode_response(out: &mut BytesMut, head: &ResponseHead<'_>, body: &[u8]) -> Framed {
    let framed = encode_response_head(out, head, BodySize::Known(body.len() as u64));
    if framed.body {
        out.extend_from_slice(body);
    }
    framed
}

/// Appends a response head to `out`, in this order: status line, the program's headers, `Server`,
/// `Connection`, `Content-Type` (`text/html`), `Date`, framing, `Set-Cookie`, `Content-Encoding`.
/// Of these, the program's own go before the encoder's.
///
/// Framing (RFC 9110 sections 6.4.1 and 8.6, RFC 9112 section 6): 1xx, 204 and 304 carry neither a
/// body nor its length, 205 an empty one; HEAD carries the length alone: the program's own
/// `Content-Length` when the body given is empty. Elsewhere the program's is ignored. An unknown
/// size is chunked, or ended by the close for an HTTP/1.0 peer. 1xx carry only the program's
/// headers and `Server`.
pub fn encode_response_head(out: &mut BytesMut, head: &ResponseHead<'_>, size: BodySize) -> Framed {
    let headers = head.headers;
    out.reserve(headers.lines().len() + headers.cookies().len() + ROOM);
    if let BodySize::Known(length) = size
        && head.status == 200
        && head.reason.is_none()
        && head.keep_alive
        && headers.is_empty()
        && head.content_encoding.is_none()
        && !(head.is_head && length == 0)
    {
        out.extend_from_slice(head.stamp.plain_block());
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(length).as_bytes();
        let mut end = [0; MOST_DIGITS + END.len()];
        let (number, rest) = end.split_at_mut(digits.len());
        number.copy_from_slice(digits);
        if let Some(rest) = rest.first_chunk_mut() {
            *rest = *END;
        }
        out.extend_from_slice(end.get(..digits.len() + END.len()).unwrap_or_default());
        return Framed { body: !head.is_head, chunked: false, close: false };
    }
    let status = if (100..=999).contains(&head.status) { head.status } else { 500 };
    put_status_line(out, status, head.reason);
    out.extend_from_slice(headers.lines());
    if status < 200 {
        if !headers.has(Known::Server) {
            put_header(out, "Server", SERVER_NAME.as_bytes());
        }
        out.extend_from_slice(headers.cookies());
        out.extend_from_slice(b"\r\n");
        return Framed { body: false, chunked: false, close: false };
    }

    let bare = matches!(status, 204 | 304);
    let ended_by_close = size == BodySize::Unknown && head.peer == Version::Http10 && !bare;
    let close = !head.keep_alive || headers.says_close() || ended_by_close;
    put_own_headers(out, head, close, bare);

    let mut framed =
        Framed { body: !head.is_head && !bare && status != 205, chunked: false, close };
    if !bare {
        match size {
            _ if status == 205 => put_length(out, 0),
            BodySize::Known(0) if head.is_head => {
                put_length(out, headers.content_length().unwrap_or(0));
            }
            BodySize::Known(length) => put_length(out, length),
            BodySize::Unknown if ended_by_close => {}
            BodySize::Unknown => {
                framed.chunked = framed.body;
                out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
            }
        }
    }
    out.extend_from_slice(headers.cookies());
    if let Some(coding) = head.content_encoding
        && !headers.has(Known::ContentEncoding)
    {
        put_header(out, "Content-Encoding", coding.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    framed
}

/// Appends one chunk; nothing for empty `data`, which would end the body.
pub fn encode_chunk(out: &mut BytesMut, data: &[u8]) {
    if !data.is_empty() {
        encode_chunk_head(out, data.len() as u64);
        out.extend_from_slice(data);
        out.extend_from_slice(b"\r\n");
    }
}

/// Appends the size line of a chunk whose `length` bytes (never 0) and CRLF the caller sends.
pub fn encode_chunk_head(out: &mut BytesMut, length: u64) {
    let digits = (64 - length.leading_zeros()).div_ceil(4).max(1);
    for place in (0..digits).rev() {
        let digit = usize::try_from((length >> (place * 4)) & 0xf).unwrap_or(0);
        out.extend(HEX.get(digit));
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends the interim response that a client with `Expect: 100-continue` waits for.
pub fn encode_continue(out: &mut BytesMut) {
    out.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
}

/// Appends the whole answer to a request that was refused; the connection is closed after it.
pub fn encode_error(out: &mut BytesMut, status: u16, stamp: &Stamp) {
    let headers = HeaderBlock::new();
    let head = ResponseHead {
        status,
        reason: None,
        headers: &headers,
        content_encoding: None,
        peer: Version::Http11,
        keep_alive: false,
        is_head: false,
        stamp,
    };
    let mut body = BytesMut::new();
    body.extend_from_slice(b"<h1>");
    body.extend_from_slice(itoa::Buffer::new().format(status).as_bytes());
    body.extend_from_slice(b" ");
    body.extend_from_slice(reason(status).as_bytes());
    body.extend_from_slice(b"</h1>\r\n");
    encode_response(out, &head, &body);
}

/// A point in time (seconds since 1970) as HTTP writes it (RFC 9110 section 5.6.7), e.g.
/// `Sun, 06 Nov 1994 08:49:37 GMT`. After the year 9999 it stays there.
#[must_use]
pub fn format_date(unix: u64) -> [u8; 29] {
    let time = UNIX_EPOCH + Duration::from_secs(unix.min(YEAR_9999));
    let mut date = [b' '; 29];
    let text = httpdate::fmt_http_date(time);
    for (to, from) in date.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    date
}

/// The last second of the year 9999, the last one that fits the format.
pub(super) const YEAR_9999: u64 = 253_402_300_799;

/// Bytes of a head besides what the program set, at most.
const ROOM: usize = 320;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// A second on the wall clock, as the heads of its responses carry it.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// The most frequent head, up to its length: status 200, nothing set by the program.
    block: [u8; BEFORE_DATE.len() + DATE + AFTER_DATE.len()],
}

impl Stamp {
    /// The stamp of a point in time: seconds since 1970.
    #[must_use]
    pub fn new(unix: u64) -> Stamp {
        let date = format_date(unix);
        let mut block = [0; BEFORE_DATE.len() + DATE + AFTER_DATE.len()];
        let text = BEFORE_DATE.iter().chain(&date).chain(AFTER_DATE).copied();
        for (to, from) in block.iter_mut().zip(text) {
            *to = from;
        }
        Stamp { block }
    }

    /// The value of `Date`, as [`format_date`] writes it.
    #[must_use]
    pub fn date(&self) -> &[u8] {
        self.block.get(BEFORE_DATE.len()..BEFORE_DATE.len() + DATE).unwrap_or_default()
    }

    fn plain_block(&self) -> &[u8] {
        &self.block
    }
}

const BEFORE_DATE: &[u8] = b"HTTP/1.1 200 OK\r\nServer: tether-http-server\r\n\
    Connection: keep-alive\r\nContent-Type: text/html\r\nDate: ";
const DATE: usize = 29;
const AFTER_DATE: &[u8] = b"\r\nContent-Length: ";
const END: &[u8; 4] = b"\r\n\r\n";
/// Of a `u64`.
const MOST_DIGITS: usize = 20;

const KEEP_ALIVE_BLOCK: &[u8] = b"Server: tether-http-server\r\n\
    Connection: keep-alive\r\nContent-Type: text/html\r\nDate: ";

fn put_status_line(out: &mut BytesMut, status: u16, custom: Option<&[u8]>) {
    let custom = custom.filter(|text| is_field_value(text));
    if status == 200 && custom.is_none() {
        out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
        return;
    }
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(itoa::Buffer::new().format(status).as_bytes());
    out.extend_from_slice(b" ");
    out.extend_from_slice(custom.unwrap_or(reason(status).as_bytes()));
    out.extend_from_slice(b"\r\n");
}

fn put_own_headers(out: &mut BytesMut, head: &ResponseHead<'_>, close: bool, bare: bool) {
    let headers = head.headers;
    if headers.knows_none() && !close && !bare {
        out.extend_from_slice(KEEP_ALIVE_BLOCK);
        out.extend_from_slice(head.stamp.date());
        out.extend_from_slice(b"\r\n");
        return;
    }
    if !headers.has(Known::Server) {
        put_header(out, "Server", SERVER_NAME.as_bytes());
    }
    if !headers.has(Known::Connection) {
        put_header(out, "Connection", if close { b"close" } else { b"keep-alive" });
    }
    if !headers.has(Known::ContentType) && !bare {
        put_header(out, "Content-Type", b"text/html");
    }
    if !headers.has(Known::Date) {
        put_header(out, "Date", head.stamp.date());
    }
}

fn put_header(out: &mut BytesMut, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

fn put_length(out: &mut BytesMut, length: u64) {
    out.extend_from_slice(b"Content-Length: ");
    out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT.
    static STAMP: std::sync::LazyLock<Stamp> = std::sync::LazyLock::new(|| Stamp::new(784_111_777));

    fn head(status: u16, headers: &HeaderBlock) -> ResponseHead<'_> {
        ResponseHead {
            status,
            reason: None,
            headers,
            content_encoding: None,
            peer: Version::Http11,
            keep_alive: true,
            is_head: false,
            stamp: &STAMP,
        }
    }

    fn text(out: &BytesMut) -> &str {
        std::str::from_utf8(out).unwrap()
    }

    #[test]
    fn hello_world() {
        let headers = HeaderBlock::new();
        let mut out = BytesMut::new();
        let framed = encode_response(&mut out, &head(200, &headers), b"hello world");
        assert_eq!(framed, Framed { body: true, chunked: false, close: false });
        assert_eq!(
            text(&out),
            "HTTP/1.1 200 OK\r\nServer: tether-http-server\r\nConnection: keep-alive\r\n\
             Content-Type: text/html\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
             Content-Length: 11\r\n\r\nhello world"
        );
    }

    #[test]
    fn the_programs_headers_go_first_and_win() {
        let mut headers = HeaderBlock::new();
        for (name, value) in [
            ("x-a", "1"),
            ("server", "me"),
            ("date", "never"),
            ("content-type", "text/plain"),
            ("connection", "close"),
            ("content-length", "99"),
        ] {
            headers.set(name.as_bytes(), value.as_bytes(), true).unwrap();
        }
        headers.add_cookie(b"a=b").unwrap();
        let mut out = BytesMut::new();
        let mut head = head(418, &headers);
        head.content_encoding = Some("gzip");
        head.reason = Some(b"Short and stout");
        let framed = encode_response(&mut out, &head, b"abc");
        assert_eq!(framed, Framed { body: true, chunked: false, close: true });
        assert_eq!(
            text(&out),
            "HTTP/1.1 418 Short and stout\r\nX-A: 1\r\nServer: me\r\nDate: never\r\n\
             Content-Type: text/plain\r\nConnection: close\r\nContent-Length: 3\r\n\
             Set-Cookie: a=b\r\nContent-Encoding: gzip\r\n\r\nabc"
        );
    }

    #[test]
    fn statuses_without_a_body() {
        let headers = HeaderBlock::new();
        for status in [204, 304] {
            let mut out = BytesMut::new();
            let framed = encode_response(&mut out, &head(status, &headers), b"dropped");
            assert_eq!(framed, Framed { body: false, chunked: false, close: false });
            assert!(!text(&out).contains("Content-Length"), "{out:?}");
            assert!(out.ends_with(b"GMT\r\n\r\n"));
            let mut out = BytesMut::new();
            encode_response_head(&mut out, &head(status, &headers), BodySize::Unknown);
            assert!(!text(&out).contains("Transfer-Encoding"), "{out:?}");
        }
        let mut out = BytesMut::new();
        encode_response(&mut out, &head(205, &headers), b"dropped");
        assert!(out.ends_with(b"Content-Length: 0\r\n\r\n"));
        let mut out = BytesMut::new();
        let mut upgrade = HeaderBlock::new();
        upgrade.set(b"Upgrade", b"websocket", true).unwrap();
        upgrade.set(b"Connection", b"Upgrade", true).unwrap();
        encode_response(&mut out, &head(101, &upgrade), b"");
        assert_eq!(
            text(&out),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Server: tether-http-server\r\n\r\n"
        );
    }

    #[test]
    fn head_requests_get_the_length_alone() {
        let mut headers = HeaderBlock::new();
        headers.set(b"content-length", b"1234", true).unwrap();
        let mut head = head(200, &headers);
        head.is_head = true;
        let mut out = BytesMut::new();
        assert!(!encode_response(&mut out, &head, b"abc").body);
        assert!(out.ends_with(b"Content-Length: 3\r\n\r\n"));
        let mut out = BytesMut::new();
        encode_response(&mut out, &head, b"");
        assert!(out.ends_with(b"Content-Length: 1234\r\n\r\n"));
        let mut out = BytesMut::new();
        let framed = encode_response_head(&mut out, &head, BodySize::Unknown);
        assert_eq!(framed, Framed { body: false, chunked: false, close: false });
        assert!(out.ends_with(b"Transfer-Encoding: chunked\r\n\r\n"));
    }

    #[test]
    fn unknown_sizes() {
        let headers = HeaderBlock::new();
        let mut head = head(200, &headers);
        let mut out = BytesMut::new();
        let framed = encode_response_head(&mut out, &head, BodySize::Unknown);
        assert_eq!(framed, Framed { body: true, chunked: true, close: false });
        head.peer = Version::Http10;
        out.clear();
        let framed = encode_response_head(&mut out, &head, BodySize::Unknown);
        assert_eq!(framed, Framed { body: true, chunked: false, close: true });
        assert!(text(&out).contains("Connection: close\r\n"));
        assert!(!text(&out).contains("chunked"));
    }

    #[test]
    fn chunks() {
        let mut out = BytesMut::new();
        encode_chunk(&mut out, b"");
        encode_chunk(&mut out, b"hello");
        encode_chunk(&mut out, &[b'x'; 0x1a0]);
        out.extend_from_slice(LAST_CHUNK);
        assert!(out.starts_with(b"5\r\nhello\r\n1a0\r\nxxx"));
        assert!(out.ends_with(b"xxx\r\n0\r\n\r\n"));
    }

    #[test]
    fn odd_statuses_and_reasons() {
        let headers = HeaderBlock::new();
        for (status, reason, want) in [
            (299, None, "HTTP/1.1 299 Unknown\r\n"),
            (308, None, "HTTP/1.1 308 Permanent Redirect\r\n"),
            (0, None, "HTTP/1.1 500 Internal Server Error\r\n"),
            (200, Some(&b"a\r\nX: y"[..]), "HTTP/1.1 200 OK\r\n"),
        ] {
            let mut out = BytesMut::new();
            let mut head = head(status, &headers);
            head.reason = reason;
            encode_response(&mut out, &head, b"");
            assert!(text(&out).starts_with(want), "{out:?}");
        }
        let mut out = BytesMut::new();
        encode_error(&mut out, 400, &STAMP);
        assert!(text(&out).contains("Connection: close\r\n"));
        assert!(out.ends_with(b"Content-Length: 26\r\n\r\n<h1>400 Bad Request</h1>\r\n"));
        assert_eq!(&format_date(784_111_777), b"Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(&format_date(u64::MAX), b"Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
