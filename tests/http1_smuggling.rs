//! What two parsers could read differently is refused, and every cap has its status.

use bytes::BytesMut;
use tether::proto::http1::{RequestDecoder, RequestError};
use tether::proto::limits::{HTTP_HEADERS, Limits};

/// The status that a stream is refused with; `None` when it is not.
fn refused(wire: &[u8]) -> Option<u16> {
    let whole = decode(wire, wire.len().max(1));
    let start = String::from_utf8_lossy(wire.get(..99).unwrap_or(wire));
    assert_eq!(whole, decode(wire, 1), "{start}");
    whole
}

fn decode(wire: &[u8], step: usize) -> Option<u16> {
    let mut decoder = RequestDecoder::new();
    let mut input = BytesMut::new();
    for piece in wire.chunks(step) {
        input.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut input, &Limits::REQUEST) {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(decoder.decode(&mut input, &Limits::REQUEST).err(), Some(error));
                    return Some(RequestError::status(error));
                }
            }
        }
    }
    None
}

/// A POST with these header lines besides `Host`.
fn post(lines: &str, body: &str) -> Vec<u8> {
    format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n{body}").into_bytes()
}

#[test]
fn framing() {
    for (lines, body, want) in [
        ("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", Some(400)),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n", Some(400)),
        ("Content-Length: 1\r\nContent-Length: 2\r\n", "ab", Some(400)),
        ("Content-Length: 1\r\nContent-Length: 1\r\n", "a", None),
        ("Content-Length: 1, 1\r\n", "a", Some(400)),
        ("Content-Length: +1\r\n", "a", Some(400)),
        ("Content-Length: -1\r\n", "a", Some(400)),
        ("Content-Length: 0x1\r\n", "a", Some(400)),
        ("Content-Length: 1 1\r\n", "a", Some(400)),
        ("Content-Length:\r\n", "", Some(400)),
        ("Content-Length: 99999999999999999999999\r\n", "", Some(413)),
        ("Content-Length: 2097153\r\n", "", Some(413)),
        ("Transfer-Encoding: chunked\r\n", "0\r\n\r\n", None),
        ("Transfer-Encoding: Chunked\r\n", "0\r\n\r\n", None),
        ("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n", Some(501)),
        ("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n", Some(400)),
        ("Transfer-Encoding: gzip\r\n", "", Some(400)),
        ("Transfer-Encoding: identity\r\n", "", Some(400)),
        ("Transfer-Encoding:\r\n", "", Some(400)),
        ("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n", Some(400)),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", "0\r\n\r\n", Some(400)),
        ("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n", Some(400)),
        ("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n", Some(400)),
        ("Transfer-Encoding: \x0bchunked\r\n", "0\r\n\r\n", Some(400)),
        ("Transfer-Encoding : chunked\r\n", "0\r\n\r\n", Some(400)),
        ("Transfer-Encoding\r\n : chunked\r\n", "0\r\n\r\n", Some(400)),
        ("X: y\rTransfer-Encoding: chunked\r\n", "", Some(400)),
        ("X: y\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", Some(400)),
        ("X: y\r\n Transfer-Encoding: chunked\r\n", "", Some(400)),
        ("X: y\0\r\n", "", Some(400)),
        ("X y\r\n", "", Some(400)),
        (": y\r\n", "", Some(400)),
        ("Expect: 200-ok\r\n", "", Some(417)),
        ("Expect: 100-continue\r\n", "", None),
        ("Host: b\r\n", "", Some(400)),
        ("Host: a\r\n", "", Some(400)),
        ("Transfer-Encoding: chunked\r\n", "1\na\r\n0\r\n\r\n", Some(400)),
        ("Transfer-Encoding: chunked\r\n", "1\r\nab\r\n0\r\n\r\n", Some(400)),
        ("Transfer-Encoding: chunked\r\n", "1;\n\r\na\r\n0\r\n\r\n", Some(400)),
        ("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFF1\r\n", Some(400)),
        ("Transfer-Encoding: chunked\r\n", "200001\r\n", Some(413)),
        ("Transfer-Encoding: chunked\r\n", "-1\r\n", Some(400)),
        ("Transfer-Encoding: chunked\r\n", "0\r\nA: b\nC: d\r\n\r\n", Some(400)),
    ] {
        assert_eq!(refused(&post(lines, body)), want, "{lines:?} {body:?}");
    }
}

#[test]
fn request_lines() {
    for (line, want) in [
        ("GET / HTTP/1.1", None),
        ("get / HTTP/1.1", None),
        ("GET  / HTTP/1.1", Some(400)),
        ("GET /\tHTTP/1.1", Some(400)),
        ("GET / HTTP/1.1 ", Some(400)),
        ("GET /a b HTTP/1.1", Some(400)),
        (" GET / HTTP/1.1", Some(400)),
        ("G(T / HTTP/1.1", Some(400)),
        ("GET a HTTP/1.1", Some(400)),
        ("GET * HTTP/1.1", Some(400)),
        ("GET http:///a HTTP/1.1", Some(400)),
        ("GET http://u@a/ HTTP/1.1", Some(400)),
        ("GET http://a#b/ HTTP/1.1", Some(400)),
        ("GET ftp://a/ HTTP/1.1", Some(400)),
        ("GET HTTP://a/ HTTP/1.1", None),
        ("CONNECT a/b HTTP/1.1", Some(400)),
        ("GET /", Some(400)),
        ("GET / HTTP/1.2", Some(505)),
        ("GET / HTTP/2.0", Some(505)),
        ("GET / HTTP/0.9", Some(505)),
        ("GET / HTTP/11", Some(400)),
        ("GET / http/1.1", Some(400)),
        ("GET / HTTP/1.1\rX", Some(400)),
    ] {
        let wire = format!("{line}\r\nHost: a\r\n\r\n");
        assert_eq!(refused(wire.as_bytes()), want, "{line:?}");
    }
}

#[test]
fn hosts() {
    for (wire, want) in [
        ("GET / HTTP/1.1\r\n\r\n", Some(400)),
        ("GET / HTTP/1.0\r\n\r\n", None),
        ("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", Some(400)),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", None),
        ("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", None),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", Some(400)),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", Some(400)),
        ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", Some(400)),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Some(400)),
    ] {
        assert_eq!(refused(wire.as_bytes()), want, "{wire:?}");
    }
}

#[test]
fn caps() {
    let path = |n: usize| format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(n));
    assert_eq!(refused(path(8192 - 14).as_bytes()), None);
    assert_eq!(refused(path(8192 - 13).as_bytes()), Some(414));
    assert_eq!(refused("x".repeat(8194).as_bytes()), Some(414));
    assert_eq!(refused(&post(&format!("X: {}\r\n", "y".repeat(8189)), "")), None);
    assert_eq!(refused(&post(&format!("X: {}\r\n", "y".repeat(8190)), "")), Some(431));
    assert_eq!(refused(&post(&"X: y\r\n".repeat(HTTP_HEADERS - 1), "")), None);
    assert_eq!(refused(&post(&"X: y\r\n".repeat(HTTP_HEADERS), "")), Some(431));
    let lines = format!("X: {}\r\n", "y".repeat(8000)).repeat(9);
    assert_eq!(refused(&post(&lines, "")), Some(431));
    let endless = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "y".repeat(70_000));
    assert_eq!(refused(endless.as_bytes()), Some(431));
}

#[test]
fn persistence() {
    for (version, connection, want) in [
        ("1.1", "", true),
        ("1.1", "close", false),
        ("1.1", "Upgrade, CLOSE", false),
        ("1.1", "keep-alive", true),
        ("1.0", "", false),
        ("1.0", "Keep-Alive", true),
        ("1.0", "keep-alive, close", false),
    ] {
        let wire = format!("GET / HTTP/{version}\r\nHost: a\r\nConnection: {connection}\r\n\r\n");
        let mut input = BytesMut::from(wire.as_bytes());
        let request = RequestDecoder::new().decode(&mut input, &Limits::REQUEST).unwrap().unwrap();
        assert_eq!(request.keep_alive(), want, "{wire:?}");
        assert_eq!(request.upgrade(), connection.starts_with("Up"));
    }
}
