use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Buf, BytesMut};
use memchr::memmem;

use super::{Credentials, Peer, ProxyError};
use crate::proto::limits::PROXY_HEAD;

/// The CONNECT side of a talk (RFC 9110 section 9.3.6).
#[derive(Debug)]
pub(super) struct Connect {
    /// Bytes in which no end of the head begins.
    scanned: usize,
    /// Bytes of interim answers, which count against the cap too.
    skipped: usize,
}

impl Connect {
    pub(super) fn new(login: Option<&Credentials>, peer: &Peer, output: &mut BytesMut) -> Connect {
        let authority = match peer {
            Peer::Ip(address) => address.to_string(),
            Peer::Name(name, port) => format!("{name}:{port}"),
        };
        let head = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
        output.extend_from_slice(head.as_bytes());
        if let Some(Credentials { user, password }) = login {
            let token = STANDARD.encode([user, &b":"[..], password].concat());
            let line = format!("Proxy-Authorization: Basic {token}\r\n");
            output.extend_from_slice(line.as_bytes());
        }
        output.extend_from_slice(b"\r\n");
        Connect { scanned: 0, skipped: 0 }
    }

    pub(super) fn handle_input(&mut self, input: &mut BytesMut) -> Result<bool, ProxyError> {
        loop {
            let rest = input.get(self.scanned..).unwrap_or_default();
            let found = memmem::find(rest, b"\r\n\r\n");
            let end = found.map_or(input.len(), |found| self.scanned + found + 4);
            if self.skipped + end > PROXY_HEAD {
                return Err(ProxyError::Malformed);
            }
            if found.is_none() {
                self.scanned = input.len().saturating_sub(3);
                return Ok(false);
            }
            let status = status(input.get(..end).unwrap_or_default())?;
            input.advance(end);
            self.scanned = 0;
            self.skipped += end;
            match status {
                100..=199 => {}
                200..=299 => return Ok(true),
                407 => return Err(ProxyError::Login),
                other => return Err(ProxyError::Status(other)),
            }
        }
    }
}

/// The status of a whole head.
fn status(head: &[u8]) -> Result<u16, ProxyError> {
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let mut words = line.splitn(3, |byte| *byte == b' ');
    let version = words.next().unwrap_or_default();
    let number = words.next().unwrap_or_default();
    let number = std::str::from_utf8(number).ok().filter(|number| number.len() == 3);
    number
        .and_then(|number| number.parse().ok())
        .filter(|_| version.starts_with(b"HTTP/1."))
        .ok_or(ProxyError::Malformed)
}
