//! The header lines that were read last, so that a client that repeats them is not read anew.

use super::request::{Meta, Version};
use super::scan::small;
use crate::proto::limits::Limits;

/// The header lines of one request, and what they said.
///
/// A client sends most of its requests on a connection with the same lines: only the request line
/// differs. One memo may serve many connections, as long as all keep to the same [`Limits`].
#[derive(Debug, Default)]
pub struct HeadMemo {
    /// From the first line to the empty one, both included. **Invariant**: read by the full parser
    /// as the lines of an HTTP/1.1 request without a body, within the limits.
    lines: Vec<u8>,
    header_count: u16,
    keep_alive: bool,
    upgrade: bool,
}

/// Longer header lines are not kept: comparing them would cost what reading them costs.
const LINES: usize = 2048;

const VERSION: &[u8] = b" HTTP/1.1\r\n";

impl HeadMemo {
    /// Reads the head at the front of `input` if it is a plain request line with the known lines
    /// behind it. `None` says nothing about the head: the full parser does.
    pub(super) fn recall(&self, input: &[u8], limits: &Limits) -> Option<Meta> {
        if self.lines.is_empty() {
            return None;
        }
        let method = input.iter().position(|b| !b.is_ascii_uppercase())?;
        let (start, [b' ', b'/', ..]) = (method + 1, input.get(method..)?) else { return None };
        if method == 0 {
            return None;
        }
        let rest = input.get(start..)?;
        let target = rest.get(..memchr::memchr(b' ', rest)?)?;
        let end = start + target.len();
        let line = end + VERSION.len();
        let head = line + self.lines.len();
        let visible = target.iter().fold(true, |all, b| all & b.is_ascii_graphic());
        if !visible || line - 2 > limits.line || head > limits.head {
            return None;
        }
        if !input.get(end..)?.starts_with(VERSION) || !input.get(line..)?.starts_with(&self.lines) {
            return None;
        }
        let path = memchr::memchr(b'?', target).unwrap_or(target.len());
        Some(Meta {
            head: small(head),
            method: small(method),
            target: small(start),
            target_end: small(end),
            path: small(start),
            path_end: small(start + path),
            headers: small(line),
            header_count: self.header_count,
            version: Version::Http11,
            keep_alive: self.keep_alive,
            upgrade: self.upgrade,
            ..Meta::default()
        })
    }

    /// Keeps the lines of a head that the full parser has read, and that has no body.
    pub(super) fn keep(&mut self, input: &[u8], meta: &Meta) {
        let Meta { head, headers, header_count, version, keep_alive, upgrade, .. } = *meta;
        let lines = input.get(headers as usize..head as usize).unwrap_or_default();
        if lines.len() > LINES || version != Version::Http11 {
            return;
        }
        self.lines.clear();
        self.lines.extend_from_slice(lines);
        (self.header_count, self.keep_alive, self.upgrade) = (header_count, keep_alive, upgrade);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{RequestDecoder, RequestError};
    use super::*;
    use bytes::BytesMut;

    const LINES: &str = "Host: a.example\r\nConnection: keep-alive, Upgrade\r\nX: y\r\n\r\n";

    fn decode(memo: Option<&mut HeadMemo>, head: &[u8]) -> Result<String, RequestError> {
        let mut input = BytesMut::from(head);
        let mut decoder = RequestDecoder::new();
        let request = match memo {
            Some(memo) => decoder.decode_with(&mut input, &Limits::REQUEST, memo),
            None => decoder.decode(&mut input, &Limits::REQUEST),
        };
        Ok(format!("{:?} {}", request?.map(|request| (request.head, request.meta)), input.len()))
    }

    fn learned() -> HeadMemo {
        let mut memo = HeadMemo::default();
        let head = format!("GET /before HTTP/1.1\r\n{LINES}");
        decode(Some(&mut memo), head.as_bytes()).unwrap();
        assert_eq!(memo.lines, LINES.as_bytes());
        memo
    }

    #[test]
    fn a_head_with_the_known_lines_is_read_as_by_the_full_parser() {
        let long = format!("/{}", "p".repeat(Limits::REQUEST.line));
        for line in [
            "GET / HTTP/1.1\r\n",
            "OPTIONS /path/to?query=1&x=?# HTTP/1.1\r\n",
            "CONNECT /odd HTTP/1.1\r\n",
            "GET http://b.example/x?y HTTP/1.1\r\n",
            "get /lower HTTP/1.1\r\n",
            "G-T /token HTTP/1.1\r\n",
            "GET /a b HTTP/1.1\r\n",
            "GET /\u{7f} HTTP/1.1\r\n",
            "GET /ü HTTP/1.1\r\n",
            "GET  / HTTP/1.1\r\n",
            "GET / HTTP/1.0\r\n",
            "GET / HTTP/1.1\n",
            "GET / HTTP/1.1\r\nY: z\r\n",
            "\r\nGET /after-an-empty-line HTTP/1.1\r\n",
            " / HTTP/1.1\r\n",
            &format!("GET {long} HTTP/1.1\r\n"),
        ] {
            for tail in ["", "GET / HTTP/1.1\r\n", "\r\n"] {
                let head = format!("{line}{LINES}{tail}");
                let known = decode(Some(&mut learned()), head.as_bytes());
                assert_eq!(known, decode(None, head.as_bytes()), "{head}");
            }
        }
        assert!(
            learned()
                .recall(format!("GET /x HTTP/1.1\r\n{LINES}").as_bytes(), &Limits::REQUEST)
                .is_some()
        );
    }

    #[test]
    fn a_change_of_any_byte_is_read_as_by_the_full_parser() {
        let head = format!("GET /path?q HTTP/1.1\r\n{LINES}").into_bytes();
        for at in 0..head.len() {
            for byte in [0, b'\t', b'\n', b'\r', b' ', b'/', b':', b'?', b'A', b'a', 0x7f, 0xff] {
                let mut head = head.clone();
                head[at] = byte;
                assert_eq!(decode(Some(&mut learned()), &head), decode(None, &head));
            }
            let part = &head[..at];
            assert_eq!(decode(Some(&mut learned()), part), decode(None, part));
        }
    }

    #[test]
    fn lines_that_announce_a_body_are_not_kept() {
        for lines in [
            "Host: a\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n",
            "Host: a\r\nContent-Length: 3\r\n\r\n",
            "Host: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        ] {
            let mut memo = HeadMemo::default();
            let head = format!("POST / HTTP/1.1\r\n{lines}");
            decode(Some(&mut memo), head.as_bytes()).unwrap();
            assert!(memo.lines.is_empty(), "{lines}");
        }
    }
}
