//! The header lines that a program set on a response.

use super::fields::{is_field_value, is_token, list, parse_length, trim};
use crate::proto::limits::{HTTP_SET_NAME, HTTP_SET_VALUE};

/// Response headers as wire lines: one value a name, the last one wins, at the place of the first.
///
/// Framing belongs to the encoder: a `Content-Length` is kept aside (used only where a response
/// carries no body of its own, see [`super::encode_response_head`]), a `Transfer-Encoding` is
/// dropped.
#[derive(Clone, Debug, Default)]
pub struct HeaderBlock {
    /// `Name: value\r\n` after one another.
    lines: Vec<u8>,
    /// `Set-Cookie: ...\r\n` after one another.
    cookies: Vec<u8>,
    length: Option<u64>,
    /// Bits of [`Known`].
    known: u8,
    close: bool,
}

/// Bytes that the first header makes room for: a few usual ones, so that they are not moved again.
const FIRST_ROOM: usize = 192;

/// Why a header is refused. What would end the line early is refused, never cleaned: response
/// splitting starts there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// The name is empty or not a token.
    #[error("header name is not a token")]
    Name,
    /// The value holds CR, LF, NUL or another control character.
    #[error("header value holds a control character")]
    Value,
    /// The name is over [`HTTP_SET_NAME`].
    #[error("header name is too long")]
    NameTooLong,
    /// The value is over [`HTTP_SET_VALUE`].
    #[error("header value is too long")]
    ValueTooLong,
    /// A `Content-Length` that is not a number.
    #[error("Content-Length is not a number")]
    Length,
    /// The method is not a token.
    #[error("method is not a token")]
    Method,
    /// The request target is empty or holds a space or a control character.
    #[error("path is empty or holds a space or control character")]
    Target,
}

/// The headers that the encoder sends by itself unless the program set them.
#[derive(Clone, Copy)]
pub(super) enum Known {
    Server = 1,
    Connection = 2,
    ContentType = 4,
    Date = 8,
    ContentEncoding = 16,
}

impl HeaderBlock {
    /// An empty block; allocates nothing.
    #[must_use]
    pub const fn new() -> Self {
        HeaderBlock { lines: Vec::new(), cookies: Vec::new(), length: None, known: 0, close: false }
    }

    /// Sets a header; a former value of the name, in any case, is replaced. With `ucwords` the
    /// name is sent as `Aaa-Bbb`, else as given.
    pub fn set(&mut self, name: &[u8], value: &[u8], ucwords: bool) -> Result<(), HeaderError> {
        if name.len() > HTTP_SET_NAME {
            return Err(HeaderError::NameTooLong);
        }
        if value.len() > HTTP_SET_VALUE {
            return Err(HeaderError::ValueTooLong);
        }
        if !is_token(name) {
            return Err(HeaderError::Name);
        }
        if !is_field_value(value) {
            return Err(HeaderError::Value);
        }
        let value = trim(value);
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"date") => self.mark(Known::Date),
            6 if name.eq_ignore_ascii_case(b"server") => self.mark(Known::Server),
            10 if name.eq_ignore_ascii_case(b"connection") => {
                self.mark(Known::Connection);
                self.close = list(value).any(|option| option.eq_ignore_ascii_case(b"close"));
            }
            12 if name.eq_ignore_ascii_case(b"content-type") => self.mark(Known::ContentType),
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                self.length = Some(parse_length(value).ok_or(HeaderError::Length)?);
                return Ok(());
            }
            16 if name.eq_ignore_ascii_case(b"content-encoding") => {
                self.mark(Known::ContentEncoding);
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => return Ok(()),
            _ => {}
        }
        match self.find(name) {
            Some((start, end)) => {
                let tail = self.lines.split_off(start);
                self.append(name, value, ucwords);
                self.lines.extend_from_slice(tail.get(end - start..).unwrap_or_default());
            }
            None => self.append(name, value, ucwords),
        }
        Ok(())
    }

    /// Adds a `Set-Cookie` line; `cookie` is what [`super::cookie::Cookie::build`] made.
    pub fn add_cookie(&mut self, cookie: &[u8]) -> Result<(), HeaderError> {
        if !is_field_value(cookie) {
            return Err(HeaderError::Value);
        }
        self.cookies.extend_from_slice(b"Set-Cookie: ");
        self.cookies.extend_from_slice(cookie);
        self.cookies.extend_from_slice(b"\r\n");
        Ok(())
    }

    /// The headers in their order, without cookies.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.lines.split_inclusive(|&b| b == b'\n').filter_map(|line| {
            let colon = memchr::memchr(b':', line)?;
            Some((line.get(..colon)?, line.get(colon + 2..line.len() - 2)?))
        })
    }

    /// The cookies in their order: what stands after `Set-Cookie: `.
    pub fn iter_cookies(&self) -> impl Iterator<Item = &[u8]> {
        self.cookies
            .split_inclusive(|&b| b == b'\n')
            .filter_map(|line| line.strip_prefix(b"Set-Cookie: ")?.strip_suffix(b"\r\n"))
    }

    /// Whether nothing was set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.cookies.is_empty() && self.length.is_none()
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.lines.clear();
        self.cookies.clear();
        self.length = None;
        self.known = 0;
        self.close = false;
    }

    /// The `Content-Length` that was set.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.length
    }

    pub(super) fn lines(&self) -> &[u8] {
        &self.lines
    }

    pub(super) fn cookies(&self) -> &[u8] {
        &self.cookies
    }

    pub(super) fn has(&self, known: Known) -> bool {
        self.known & known as u8 != 0
    }

    /// Whether none of the encoder's own headers was set.
    pub(super) fn knows_none(&self) -> bool {
        self.known == 0
    }

    /// Whether `Connection: close` was set.
    pub(super) fn says_close(&self) -> bool {
        self.close
    }

    fn mark(&mut self, known: Known) {
        self.known |= known as u8;
    }

    fn append(&mut self, name: &[u8], value: &[u8], ucwords: bool) {
        let room = name.len() + value.len() + 4;
        self.lines.reserve(if self.lines.capacity() == 0 { room.max(FIRST_ROOM) } else { room });
        if ucwords {
            let mut word_start = true;
            self.lines.extend(name.iter().map(|&b| {
                let b = if word_start { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() };
                word_start = b == b'-';
                b
            }));
        } else {
            self.lines.extend_from_slice(name);
        }
        self.lines.extend_from_slice(b": ");
        self.lines.extend_from_slice(value);
        self.lines.extend_from_slice(b"\r\n");
    }

    /// Where the line of that name stands.
    fn find(&self, name: &[u8]) -> Option<(usize, usize)> {
        let mut start = 0;
        for line in self.lines.split_inclusive(|&b| b == b'\n') {
            let end = start + line.len();
            if line.get(name.len()) == Some(&b':')
                && line.get(..name.len()).is_some_and(|key| key.eq_ignore_ascii_case(name))
            {
                return Some((start, end));
            }
            start = end;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_wins_at_the_place_of_the_first() {
        let mut block = HeaderBlock::new();
        block.set(b"x-ONE", b"1", true).unwrap();
        block.set(b"x-two", b" 2 ", false).unwrap();
        block.set(b"X-one", b"longer", true).unwrap();
        assert_eq!(block.lines(), b"X-One: longer\r\nx-two: 2\r\n");
        let all: Vec<_> = block.iter().collect();
        assert_eq!(all, [(&b"X-One"[..], &b"longer"[..]), (b"x-two", b"2")]);
        block.clear();
        assert!(block.is_empty());
    }

    #[test]
    fn cookies_are_read_back_in_their_order() {
        let mut block = HeaderBlock::new();
        block.add_cookie(b"a=1; path=/").unwrap();
        block.add_cookie(b"a=2").unwrap();
        let all: Vec<_> = block.iter_cookies().collect();
        assert_eq!(all, [&b"a=1; path=/"[..], b"a=2"]);
        assert_eq!(block.iter().count(), 0);
    }

    #[test]
    fn injection_and_excess_are_refused() {
        let mut block = HeaderBlock::new();
        for (name, value, want) in [
            (&b"A"[..], &b"b\r\nC: d"[..], HeaderError::Value),
            (b"A", b"b\nC: d", HeaderError::Value),
            (b"A", b"b\rC", HeaderError::Value),
            (b"A", b"b\0", HeaderError::Value),
            (b"A\r\nB", b"c", HeaderError::Name),
            (b"A:", b"c", HeaderError::Name),
            (b"A B", b"c", HeaderError::Name),
            (b"", b"c", HeaderError::Name),
            (&[b'a'; 128], b"c", HeaderError::NameTooLong),
            (b"A", &[b'a'; 4097], HeaderError::ValueTooLong),
            (b"Content-Length", b"12x", HeaderError::Length),
        ] {
            assert_eq!(block.set(name, value, true), Err(want));
        }
        assert_eq!(block.add_cookie(b"a=b\r\nX: y"), Err(HeaderError::Value));
        assert!(block.is_empty());
    }

    #[test]
    fn framing_is_not_the_programs() {
        let mut block = HeaderBlock::new();
        block.set(b"transfer-encoding", b"chunked", true).unwrap();
        block.set(b"content-length", b"12", true).unwrap();
        assert_eq!(block.lines(), b"");
        assert_eq!(block.content_length(), Some(12));
    }
}
