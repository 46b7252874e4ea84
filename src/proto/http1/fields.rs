//! The header fields that decide framing and persistence, read the same way for both directions.

/// Whether `text` is a token (RFC 9110 section 5.6.2): a method or header name.
#[must_use]
pub fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|&b| is_token_byte(b))
}

/// Whether `text` may stand in a header value: no CR, LF, NUL or other control but TAB
/// (RFC 9110 section 5.5).
#[must_use]
pub fn is_field_value(text: &[u8]) -> bool {
    text.iter().all(|&b| b == b'\t' || (b >= 0x20 && b != 0x7f))
}

/// What the lines of one head say about its body and its connection.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fields {
    /// The one length that was named.
    pub(super) length: Option<u64>,
    /// A `Transfer-Encoding` line was there.
    pub(super) coded: bool,
    /// Its last coding is `chunked`.
    chunked_last: bool,
    /// How often `chunked` was named.
    chunked: u8,
    /// A coding other than `chunked` was named.
    other_coding: bool,
    /// `Connection` options.
    pub(super) close: bool,
    pub(super) keep_alive: bool,
    pub(super) upgrade: bool,
    /// `Host` lines (saturating).
    pub(super) hosts: u8,
    /// One of them holds what no authority may.
    pub(super) bad_host: bool,
    /// `Expect: 100-continue`, or an expectation that nobody knows.
    pub(super) expects_continue: bool,
    pub(super) expects_unknown: bool,
}

/// How the body is delimited by its head's `Transfer-Encoding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// No such line.
    None,
    /// Exactly `chunked`.
    Chunked,
    /// Ends in `chunked`, after codings that are not implemented.
    Unsupported,
    /// Does not end in `chunked`, or names it twice.
    Faulty,
}

impl Fields {
    /// Takes in one line; `Err` is the reason why it cannot be right.
    pub(super) fn note(&mut self, name: &[u8], value: &[u8]) -> Result<(), &'static str> {
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => {
                self.hosts = self.hosts.saturating_add(1);
                self.bad_host |= !value.iter().all(|&b| is_host_byte(b));
            }
            6 if name.eq_ignore_ascii_case(b"expect") => {
                if value.eq_ignore_ascii_case(b"100-continue") {
                    self.expects_continue = true;
                } else {
                    self.expects_unknown = true;
                }
            }
            10 if name.eq_ignore_ascii_case(b"connection") => self.note_connection(value),
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                let length = parse_length(value).ok_or("bad Content-Length")?;
                if self.length.is_some_and(|before| before != length) {
                    return Err("differing Content-Length");
                }
                self.length = Some(length);
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => self.note_coding(value),
            _ => {}
        }
        Ok(())
    }

    /// What the `Transfer-Encoding` lines come to.
    pub(super) fn coding(&self) -> Coding {
        if !self.coded {
            Coding::None
        } else if !self.chunked_last || self.chunked > 1 {
            Coding::Faulty
        } else if self.other_coding {
            Coding::Unsupported
        } else {
            Coding::Chunked
        }
    }

    /// Whether the connection may serve another exchange (RFC 9112 section 9.3).
    pub(super) fn persists(&self, http11: bool) -> bool {
        !self.close && (http11 || self.keep_alive)
    }

    fn note_connection(&mut self, value: &[u8]) {
        for option in list(value) {
            match option.len() {
                5 if option.eq_ignore_ascii_case(b"close") => self.close = true,
                7 if option.eq_ignore_ascii_case(b"upgrade") => self.upgrade = true,
                10 if option.eq_ignore_ascii_case(b"keep-alive") => self.keep_alive = true,
                _ => {}
            }
        }
    }

    fn note_coding(&mut self, value: &[u8]) {
        self.coded = true;
        for coding in list(value) {
            self.chunked_last = coding.eq_ignore_ascii_case(b"chunked");
            if self.chunked_last {
                self.chunked = self.chunked.saturating_add(1);
            } else {
                self.other_coding = true;
            }
        }
    }
}

/// The members of a comma-separated list (RFC 9110 section 5.6.1), empty ones left out.
pub(super) fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&b| b == b',').map(trim).filter(|item| !item.is_empty())
}

/// `text` without the spaces and tabs around it.
pub(super) fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// A decimal length: digits only. More than a `u64` holds saturates, so that the body cap, not the
/// grammar, refuses it.
pub(super) fn parse_length(value: &[u8]) -> Option<u64> {
    if value.is_empty() {
        return None;
    }
    value.iter().try_fold(0u64, |sum, &b| {
        b.is_ascii_digit().then(|| sum.saturating_mul(10).saturating_add(u64::from(b - b'0')))
    })
}

/// Where `part`, a subslice of `whole`, starts in it.
pub(super) fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr().wrapping_sub(whole.as_ptr().addr())
}

fn is_token_byte(b: u8) -> bool {
    TOKEN_BYTES.get(usize::from(b)).is_some_and(|&fits| fits)
}

pub(super) fn is_host_byte(b: u8) -> bool {
    HOST_BYTES.get(usize::from(b)).is_some_and(|&fits| fits)
}

/// `uri-host [":" port]` (RFC 3986 section 3.2.2); what no authority may hold tells of injection.
/// A table, because every byte of every request's `Host` is looked at.
const HOST_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0u8;
    while b < 128 {
        #[expect(clippy::indexing_slicing, reason = "evaluated while compiling")]
        {
            table[b as usize] = b.is_ascii_alphanumeric()
                || matches!(b, b'.' | b'-' | b':' | b'[' | b']' | b'_' | b'~' | b'%' | b'!' | b'$')
                || matches!(b, b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=');
        }
        b += 1;
    }
    table
};

/// `tchar` (RFC 9110 section 5.6.2). A table for the same reason.
const TOKEN_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0u8;
    while b < 128 {
        #[expect(clippy::indexing_slicing, reason = "evaluated while compiling")]
        {
            table[b as usize] = b.is_ascii_alphanumeric()
                || matches!(b, b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-')
                || matches!(b, b'.' | b'^' | b'_' | b'`' | b'|' | b'~');
        }
        b += 1;
    }
    table
};
