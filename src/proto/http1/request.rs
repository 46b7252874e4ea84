//! One request as a server got it.

use std::ops::Range;

use bytes::Bytes;

use super::fields::trim;

/// The protocol version of a peer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// HTTP/1.0: no chunked coding, persistent only when asked.
    Http10,
    /// HTTP/1.1.
    #[default]
    Http11,
}

impl Version {
    /// `HTTP/1.0` or `HTTP/1.1`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Version::Http10 => "HTTP/1.0",
            Version::Http11 => "HTTP/1.1",
        }
    }
}

/// One whole request: its head as it came, its body decoded.
///
/// Everything but the two byte strings is small offsets into the head. As decoded, both may be
/// slices of the connection's read buffer; [`Request::compact`] cuts that tie.
#[derive(Clone, Debug)]
pub struct Request {
    pub(super) head: Bytes,
    pub(super) body: Bytes,
    pub(super) meta: Meta,
    /// The byte strings are slices of the read buffer.
    pub(super) shares_head: bool,
    pub(super) shares_body: bool,
}

/// Where things stand in a head, and what it said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meta {
    pub(super) head: u32,
    pub(super) method: u32,
    pub(super) target: u32,
    pub(super) target_end: u32,
    /// Of an absolute target; empty when there is none.
    pub(super) authority: u32,
    pub(super) authority_end: u32,
    pub(super) path: u32,
    /// The path's end. When it is not `target_end`, a `?` stands here and the query follows.
    pub(super) path_end: u32,
    pub(super) headers: u32,
    pub(super) header_count: u16,
    pub(super) version: Version,
    pub(super) keep_alive: bool,
    pub(super) upgrade: bool,
}

impl Request {
    /// The method, as sent (methods are case-sensitive).
    #[must_use]
    pub fn method(&self) -> &[u8] {
        self.part(0..self.meta.method)
    }

    /// Whether the method is HEAD: the response carries no body.
    #[must_use]
    pub fn is_head(&self) -> bool {
        self.method() == b"HEAD"
    }

    /// The request target as sent: origin, absolute, authority or asterisk form
    /// (RFC 9112 section 3.2).
    #[must_use]
    pub fn target(&self) -> &[u8] {
        self.part(self.meta.target..self.meta.target_end)
    }

    /// The path, still percent-encoded, without the query. `/` for an absolute target without a
    /// path, `*` for the asterisk form, the whole target for CONNECT.
    #[must_use]
    pub fn path(&self) -> &[u8] {
        match self.part(self.meta.path..self.meta.path_end) {
            b"" => b"/",
            path => path,
        }
    }

    /// What follows the first `?`; empty when nothing does, `None` without one.
    #[must_use]
    pub fn query(&self) -> Option<&[u8]> {
        (self.meta.path_end < self.meta.target_end)
            .then(|| self.part(self.meta.path_end + 1..self.meta.target_end))
    }

    /// The authority of an absolute target, which goes before `Host` (RFC 9112 section 3.2.2).
    #[must_use]
    pub fn authority(&self) -> Option<&[u8]> {
        (self.meta.authority < self.meta.authority_end)
            .then(|| self.part(self.meta.authority..self.meta.authority_end))
    }

    /// The client's version.
    #[must_use]
    pub fn version(&self) -> Version {
        self.meta.version
    }

    /// Whether the client lets the connection stand after the response (RFC 9112 section 9.3).
    #[must_use]
    pub fn keep_alive(&self) -> bool {
        self.meta.keep_alive
    }

    /// Whether `Connection` holds `upgrade`.
    #[must_use]
    pub fn upgrade(&self) -> bool {
        self.meta.upgrade
    }

    /// The header lines in their order, read anew from the head.
    #[must_use]
    pub fn headers(&self) -> Headers<'_> {
        Headers { rest: self.header_lines() }
    }

    /// The header lines as they came, the empty line included.
    #[must_use]
    pub fn header_lines(&self) -> &[u8] {
        self.part(self.meta.headers..self.meta.head)
    }

    /// How many header lines there are.
    #[must_use]
    pub fn header_count(&self) -> usize {
        self.meta.header_count.into()
    }

    /// The value of the last header of that name, in any case.
    #[must_use]
    pub fn header(&self, name: &[u8]) -> Option<&[u8]> {
        self.headers().filter(|(key, _)| key.eq_ignore_ascii_case(name)).last().map(|(_, v)| v)
    }

    /// The head as it came, from the method to the empty line.
    #[must_use]
    pub fn head(&self) -> &Bytes {
        &self.head
    }

    /// The body, its transfer coding taken off.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Copies what still lies in the connection's read buffer into buffers of exactly its size, so
    /// that a request that is kept pins no more than itself.
    pub fn compact(&mut self) {
        if std::mem::take(&mut self.shares_head) {
            self.head = Bytes::copy_from_slice(&self.head);
        }
        if std::mem::take(&mut self.shares_body) {
            self.body = Bytes::copy_from_slice(&self.body);
        }
    }

    fn part(&self, range: Range<u32>) -> &[u8] {
        self.head.get(range.start as usize..range.end as usize).unwrap_or_default()
    }
}

/// The header lines of a head: name as sent, value without the white space around it.
#[derive(Clone, Debug)]
pub struct Headers<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let end = memchr::memchr(b'\n', self.rest)?;
        let (line, rest) = self.rest.split_at_checked(end + 1)?;
        self.rest = rest;
        let colon = memchr::memchr(b':', line)?;
        let (name, value) = line.split_at_checked(colon)?;
        let value = value.get(1..)?;
        let value = value.strip_suffix(b"\r\n").unwrap_or(value);
        Some((name, trim(value)))
    }
}
