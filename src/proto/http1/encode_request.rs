//! Requests onto the wire.

use bytes::BytesMut;

use super::cookie::encode_value;
use super::fields::{is_field_value, is_token, list};
use super::header_block::HeaderError;

/// A request that a client sends.
#[derive(Clone, Debug)]
pub struct OutgoingRequest {
    /// A token; `HEAD` tells the decoder that no body follows.
    pub method: Vec<u8>,
    /// Path and query, percent-encoded. A missing `/` in front is added.
    pub target: Vec<u8>,
    /// What `Host` says unless `headers` do.
    pub host: Vec<u8>,
    /// In their order; names keep their case; an empty value is not sent.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// Name and value; values are encoded as `rawurlencode` does.
    pub cookies: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body as it goes out, or its first part.
    pub body: Vec<u8>,
    /// Bytes of the body that the caller sends behind this.
    pub following: u64,
    /// What `Content-Type` says unless `headers` do.
    pub content_type: Option<Vec<u8>>,
    /// Whether to ask for gzip unless `headers` name `Accept-Encoding` (an empty one suppresses it)
    /// or `Range`, for a part of a coded body cannot be decoded.
    pub accept_gzip: bool,
    /// `Sec-WebSocket-Key` of a request for the WebSocket protocol.
    pub upgrade: Option<String>,
    /// Whether the connection is to be kept after the response.
    pub keep_alive: bool,
}

impl Default for OutgoingRequest {
    fn default() -> Self {
        OutgoingRequest {
            method: b"GET".to_vec(),
            target: b"/".to_vec(),
            host: Vec::new(),
            headers: Vec::new(),
            cookies: Vec::new(),
            body: Vec::new(),
            following: 0,
            content_type: None,
            accept_gzip: false,
            upgrade: None,
            keep_alive: true,
        }
    }
}

impl OutgoingRequest {
    /// Whether the response will carry no body (RFC 9110 section 9.3.2).
    #[must_use]
    pub fn is_head(&self) -> bool {
        self.method == b"HEAD"
    }

    /// Whether this side lets the connection stand: `keep_alive`, and no `Connection: close` among
    /// the headers.
    #[must_use]
    pub fn persists(&self) -> bool {
        if self.upgrade.is_some() {
            return true;
        }
        match self.header(b"connection") {
            Some(value) => !list(value).any(|option| option.eq_ignore_ascii_case(b"close")),
            None => self.keep_alive,
        }
    }

    /// The value that is sent for a header of that name, in any case: the last one.
    #[must_use]
    pub fn header(&self, name: &[u8]) -> Option<&[u8]> {
        let same = |(key, value): &&(Vec<u8>, Vec<u8>)| {
            !value.is_empty() && key.eq_ignore_ascii_case(name)
        };
        self.headers.iter().rfind(same).map(|(_, value)| value.as_slice())
    }

    fn names(&self, name: &[u8]) -> bool {
        self.headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name))
    }
}

/// Appends a whole request to `out`: request line, `Host`, `Connection`, `Accept-Encoding`, the
/// program's headers, `Cookie`, `Content-Type`, `Content-Length` (0 too for POST, PUT and PATCH),
/// body.
///
/// The program's own `Host` and `Connection` and `Content-Type` go before ours; its
/// `Content-Length` and `Transfer-Encoding` are not sent, for framing is ours; its `Cookie` is
/// joined with `cookies`. In a request for WebSocket the fields of the handshake are ours alone
/// (RFC 6455 section 4.1). On an error nothing was appended.
pub fn encode_request(out: &mut BytesMut, request: &OutgoingRequest) -> Result<(), HeaderError> {
    check(request)?;
    out.reserve(512 + request.target.len() + request.body.len());
    out.extend_from_slice(&request.method);
    out.extend_from_slice(b" ");
    if !has_target_form(&request.method, &request.target) {
        out.extend_from_slice(b"/");
    }
    out.extend_from_slice(&request.target);
    out.extend_from_slice(b" HTTP/1.1\r\n");

    put(out, b"Host", request.header(b"host").unwrap_or(&request.host));
    if let Some(key) = &request.upgrade {
        put(out, b"Connection", b"Upgrade");
        put(out, b"Upgrade", b"websocket");
        put(out, b"Sec-WebSocket-Version", b"13");
        put(out, b"Sec-WebSocket-Key", key.as_bytes());
    } else if request.header(b"connection").is_none() {
        put(out, b"Connection", if request.keep_alive { b"keep-alive" } else { b"close" });
    }
    if request.accept_gzip && !request.names(b"accept-encoding") && !request.names(b"range") {
        put(out, b"Accept-Encoding", b"gzip");
    }
    let is_ours = |name: &[u8]| {
        is_written_elsewhere(name) || (request.upgrade.is_some() && is_handshake(name))
    };
    for (name, value) in &request.headers {
        if !value.is_empty() && !is_ours(name) {
            put(out, name, value);
        }
    }
    put_cookies(out, request);
    if let Some(kind) = &request.content_type
        && request.header(b"content-type").is_none()
    {
        put(out, b"Content-Type", kind);
    }
    let length = (request.body.len() as u64).saturating_add(request.following);
    if length > 0 || matches!(&*request.method, b"POST" | b"PUT" | b"PATCH") {
        let mut digits = itoa::Buffer::new();
        put(out, b"Content-Length", digits.format(length).as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(&request.body);
    Ok(())
}

/// The media type of an urlencoded form.
pub const FORM: &[u8] = b"application/x-www-form-urlencoded";

/// Refuses what would let a value end its line or its field (request splitting).
fn check(request: &OutgoingRequest) -> Result<(), HeaderError> {
    if !is_token(&request.method) {
        return Err(HeaderError::Method);
    }
    let target = &request.target;
    if target.is_empty() || target.iter().any(|&b| b == b' ' || b.is_ascii_control()) {
        return Err(HeaderError::Target);
    }
    if !is_field_value(&request.host)
        || request.content_type.as_ref().is_some_and(|kind| !is_field_value(kind))
    {
        return Err(HeaderError::Value);
    }
    for (name, value) in &request.headers {
        if !is_token(name) {
            return Err(HeaderError::Name);
        }
        if !is_field_value(value) {
            return Err(HeaderError::Value);
        }
    }
    let bad_name =
        |(name, _): &(Vec<u8>, Vec<u8>)| name.is_empty() || name.iter().any(|&b| is_cookie_end(b));
    if request.cookies.iter().any(bad_name) {
        return Err(HeaderError::Name);
    }
    Ok(())
}

fn has_target_form(method: &[u8], target: &[u8]) -> bool {
    target.starts_with(b"/")
        || target.starts_with(b"http://")
        || target.starts_with(b"https://")
        || (method == b"OPTIONS" && target == b"*")
        || method == b"CONNECT"
}

fn is_written_elsewhere(name: &[u8]) -> bool {
    [&b"host"[..], b"cookie", b"content-length", b"transfer-encoding"]
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own))
}

fn is_handshake(name: &[u8]) -> bool {
    [
        &b"connection"[..],
        b"upgrade",
        b"sec-websocket-key",
        b"sec-websocket-version",
        b"sec-websocket-extensions",
    ]
    .iter()
    .any(|own| name.eq_ignore_ascii_case(own))
}

fn is_cookie_end(b: u8) -> bool {
    matches!(b, b'=' | b';' | b',' | b' ') || b.is_ascii_control()
}

fn put_cookies(out: &mut BytesMut, request: &OutgoingRequest) {
    let mut line = request.header(b"cookie").unwrap_or_default().to_vec();
    for (name, value) in &request.cookies {
        if !line.is_empty() {
            line.extend_from_slice(b"; ");
        }
        line.extend_from_slice(name);
        line.push(b'=');
        encode_value(&mut line, value);
    }
    if !line.is_empty() {
        put(out, b"Cookie", &line);
    }
}

fn put(out: &mut BytesMut, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(request: &OutgoingRequest) -> String {
        let mut out = BytesMut::new();
        encode_request(&mut out, request).unwrap();
        String::from_utf8(out.to_vec()).unwrap()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(Vec<u8>, Vec<u8>)> {
        pairs.iter().map(|(a, b)| (a.as_bytes().to_vec(), b.as_bytes().to_vec())).collect()
    }

    #[test]
    fn a_plain_get() {
        let request = OutgoingRequest {
            target: b"x?y=z".to_vec(),
            host: b"a.example".to_vec(),
            ..OutgoingRequest::default()
        };
        assert_eq!(
            encode(&request),
            "GET /x?y=z HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive\r\n\r\n"
        );
        let request = OutgoingRequest { keep_alive: false, ..request };
        assert!(encode(&request).contains("Connection: close\r\n"));
        assert!(!request.persists());
    }

    #[test]
    fn the_programs_headers_win_in_any_case() {
        let request = OutgoingRequest {
            method: b"POST".to_vec(),
            host: b"a.example".to_vec(),
            headers: pairs(&[
                ("X-a", "1"),
                ("hOST", "b.example:81"),
                ("accept-encoding", ""),
                ("connection", "close"),
                ("content-length", "7"),
                ("Transfer-Encoding", "chunked"),
                ("empty", ""),
                ("cookie", "z=0"),
            ]),
            cookies: pairs(&[("a", "b c"), ("d", "")]),
            body: b"q=1".to_vec(),
            content_type: Some(FORM.to_vec()),
            accept_gzip: true,
            ..OutgoingRequest::default()
        };
        assert_eq!(
            encode(&request),
            "POST / HTTP/1.1\r\nHost: b.example:81\r\nX-a: 1\r\nconnection: close\r\n\
             Cookie: z=0; a=b%20c; d=\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: 3\r\n\r\nq=1"
        );
        assert!(!request.persists());
    }

    #[test]
    fn a_post_without_a_body_says_so() {
        let request = OutgoingRequest { method: b"POST".to_vec(), ..OutgoingRequest::default() };
        assert!(encode(&request).ends_with("Content-Length: 0\r\n\r\n"));
    }

    #[test]
    fn gzip_is_asked_for_unless_the_program_says_otherwise() {
        let request = OutgoingRequest { accept_gzip: true, ..OutgoingRequest::default() };
        assert!(encode(&request).contains("\r\nAccept-Encoding: gzip\r\n"));
        for own in ["accept-Encoding", "Range"] {
            let request = OutgoingRequest { headers: pairs(&[(own, "x")]), ..request.clone() };
            assert!(!encode(&request).contains("gzip"));
        }
    }

    #[test]
    fn the_fields_of_a_handshake_are_ours() {
        let request = OutgoingRequest {
            headers: pairs(&[
                ("connection", "close"),
                ("Upgrade", "h2c"),
                ("sec-websocket-key", "mine"),
                ("Sec-WebSocket-Extensions", "permessage-deflate"),
                ("Sec-WebSocket-Protocol", "chat"),
            ]),
            upgrade: Some("dGhlIHNhbXBsZSBub25jZQ==".into()),
            ..OutgoingRequest::default()
        };
        assert!(request.persists());
        assert_eq!(
            encode(&request),
            "GET / HTTP/1.1\r\nHost: \r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: chat\r\n\r\n"
        );
    }

    #[test]
    fn what_follows_counts() {
        let request = OutgoingRequest {
            body: b"abc".to_vec(),
            following: 7,
            content_type: Some(b"text/x".to_vec()),
            ..OutgoingRequest::default()
        };
        let wire = encode(&request);
        assert!(wire.ends_with("Content-Type: text/x\r\nContent-Length: 10\r\n\r\nabc"));
    }

    #[test]
    fn splitting_is_refused() {
        let good = OutgoingRequest::default();
        let with =
            |headers: &[(&str, &str)]| OutgoingRequest { headers: pairs(headers), ..good.clone() };
        for (request, want) in [
            (OutgoingRequest { method: b"G T".to_vec(), ..good.clone() }, HeaderError::Method),
            (OutgoingRequest { target: b"".to_vec(), ..good.clone() }, HeaderError::Target),
            (OutgoingRequest { target: b"/ x".to_vec(), ..good.clone() }, HeaderError::Target),
            (
                OutgoingRequest { target: b"/\r\nA: b".to_vec(), ..good.clone() },
                HeaderError::Target,
            ),
            (OutgoingRequest { host: b"a\r\nb".to_vec(), ..good.clone() }, HeaderError::Value),
            (with(&[("a", "b\r\nc: d")]), HeaderError::Value),
            (
                OutgoingRequest { content_type: Some(b"a\r\nb: c".to_vec()), ..good.clone() },
                HeaderError::Value,
            ),
            (with(&[("a: b\r\nc", "d")]), HeaderError::Name),
            (
                OutgoingRequest { cookies: pairs(&[("a\r\n", "b")]), ..good.clone() },
                HeaderError::Name,
            ),
        ] {
            let mut out = BytesMut::new();
            assert_eq!(encode_request(&mut out, &request), Err(want));
            assert!(out.is_empty());
        }
    }
}
