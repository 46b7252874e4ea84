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
    /// The body as it goes out.
    pub body: Vec<u8>,
    /// The body is an urlencoded form.
    pub form: bool,
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
            form: false,
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
        match self.header(b"connection") {
            Some(value) => !list(value).any(|option| option.eq_ignore_ascii_case(b"close")),
            None => self.keep_alive,
        }
    }

    /// The value that is sent for a header of that name, in any case: the last one.
    fn header(&self, name: &[u8]) -> Option<&[u8]> {
        let same = |(key, value): &&(Vec<u8>, Vec<u8>)| {
            !value.is_empty() && key.eq_ignore_ascii_case(name)
        };
        self.headers.iter().rfind(same).map(|(_, value)| value.as_slice())
    }
}

/// Appends a whole request to `out`: request line, `Host`, `Connection`, the program's headers,
/// `Cookie`, `Content-Type` of a form, `Content-Length` (0 too for POST, PUT and PATCH), body.
///
/// The program's own `Host` and `Connection` and `Content-Type` go before ours; its
/// `Content-Length` and `Transfer-Encoding` are not sent, for framing is ours; its `Cookie` is
/// joined with `cookies`. On an error nothing was appended.
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
    if request.header(b"connection").is_none() {
        put(out, b"Connection", if request.keep_alive { b"keep-alive" } else { b"close" });
    }
    for (name, value) in &request.headers {
        if !value.is_empty() && !is_written_elsewhere(name) {
            put(out, name, value);
        }
    }
    put_cookies(out, request);
    if request.form && request.header(b"content-type").is_none() {
        put(out, b"Content-Type", b"application/x-www-form-urlencoded");
    }
    if !request.body.is_empty() || matches!(&*request.method, b"POST" | b"PUT" | b"PATCH") {
        let mut digits = itoa::Buffer::new();
        put(out, b"Content-Length", digits.format(request.body.len()).as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(&request.body);
    Ok(())
}

/// Refuses what would let a value end its line or its field (request splitting).
fn check(request: &OutgoingRequest) -> Result<(), HeaderError> {
    if !is_token(&request.method) {
        return Err(HeaderError::Method);
    }
    let target = &request.target;
    if target.is_empty() || target.iter().any(|&b| b == b' ' || b.is_ascii_control()) {
        return Err(HeaderError::Target);
    }
    if !is_field_value(&request.host) {
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
                ("connection", "close"),
                ("content-length", "7"),
                ("Transfer-Encoding", "chunked"),
                ("empty", ""),
                ("cookie", "z=0"),
            ]),
            cookies: pairs(&[("a", "b c"), ("d", "")]),
            body: b"q=1".to_vec(),
            form: true,
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
