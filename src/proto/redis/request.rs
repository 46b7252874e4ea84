//! Requests, as a server gets them: arrays of bulk strings. Inline commands are not taken.

use thiserror::Error;

/// One word of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument<'a> {
    /// A bulk string.
    Bytes(&'a [u8]),
    /// A number (`:5`).
    Int(i64),
    /// A bulk string that is not there (`$-1`).
    Nil,
}

/// What is no request. The stream has no next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is no Redis request")]
pub struct BadRequest;

/// Finds where a request ends. Each word is looked at once, in whatever pieces it comes.
#[derive(Debug, Default)]
pub struct RequestScanner {
    /// Words that are still to come; `None`: their number is.
    words: Option<u64>,
    /// Where the next one begins.
    at: usize,
}

/// Words of one request: what Redis itself allows.
const WORDS: u64 = 1024 * 1024;
/// Bytes of a line that announces a number or a length, without its end.
const LINE: usize = 32;

impl RequestScanner {
    /// The length of the request that `input` begins with; `None`: more bytes are needed, and the
    /// same bytes must stand first then. `most`: bytes of the longest request that is waited for.
    ///
    /// # Errors
    /// [`BadRequest`], for too long a word too.
    pub fn scan(&mut self, input: &[u8], most: usize) -> Result<Option<usize>, BadRequest> {
        loop {
            let rest = input.get(self.at..).unwrap_or_default();
            match self.words {
                Some(0) => {
                    let length = self.at;
                    *self = RequestScanner::default();
                    return Ok(Some(length));
                }
                Some(words) => {
                    let Some((_, length)) = word(rest, most)? else { return Ok(None) };
                    self.at += length;
                    self.words = Some(words - 1);
                }
                None => {
                    let Some((number, length)) = head(rest)? else { return Ok(None) };
                    self.at += length;
                    self.words = Some(number);
                }
            }
        }
    }
}

/// The words of one whole request.
///
/// # Errors
/// [`BadRequest`] for what [`RequestScanner`] does not find to be one.
pub fn parse_request(data: &[u8]) -> Result<Vec<Argument<'_>>, BadRequest> {
    let (number, mut at) = head(data)?.ok_or(BadRequest)?;
    // A word has at least four bytes: nothing is believed that is not there.
    let room = usize::try_from(number).unwrap_or(0).min(data.len() / 4);
    let mut words = Vec::with_capacity(room);
    for _ in 0..number {
        let rest = data.get(at..).unwrap_or_default();
        let (found, length) = word(rest, data.len())?.ok_or(BadRequest)?;
        words.push(found);
        at += length;
    }
    Ok(words)
}

/// `*2\r\n`: how many words, and how long this was.
fn head(input: &[u8]) -> Result<Option<(u64, usize)>, BadRequest> {
    let Some((b'*', number, length)) = line(input)? else { return none_unless(input, b"*") };
    let number = u64::try_from(number).unwrap_or(0);
    if number > WORDS { Err(BadRequest) } else { Ok(Some((number, length))) }
}

fn word(input: &[u8], most: usize) -> Result<Option<(Argument<'_>, usize)>, BadRequest> {
    match line(input)? {
        Some((b':', number, length)) => Ok(Some((Argument::Int(number), length))),
        Some((b'$', -1, length)) => Ok(Some((Argument::Nil, length))),
        Some((b'$', number, length)) => {
            let size = usize::try_from(number).ok().filter(|size| *size <= most);
            let size = size.ok_or(BadRequest)?;
            let Some(text) = input.get(length..length + size + 2) else { return Ok(None) };
            let text = text.strip_suffix(b"\r\n").ok_or(BadRequest)?;
            Ok(Some((Argument::Bytes(text), length + size + 2)))
        }
        Some(_) => Err(BadRequest),
        None => none_unless(input, b":$"),
    }
}

/// A kind, a number and the line's whole length.
fn line(input: &[u8]) -> Result<Option<(u8, i64, usize)>, BadRequest> {
    let near = input.get(..input.len().min(LINE + 3)).unwrap_or_default();
    let Some(end) = near.windows(2).position(|pair| pair == b"\r\n") else {
        return if near.len() > LINE { Err(BadRequest) } else { Ok(None) };
    };
    let (kind, digits) = near.get(..end).and_then(|l| l.split_first()).ok_or(BadRequest)?;
    let digits = std::str::from_utf8(digits).map_err(|_| BadRequest)?;
    if digits.starts_with('+') {
        return Err(BadRequest);
    }
    Ok(Some((*kind, digits.parse().map_err(|_| BadRequest)?, end + 2)))
}

/// More is needed, unless the first byte is wrong already.
fn none_unless<T>(input: &[u8], kinds: &[u8]) -> Result<Option<T>, BadRequest> {
    match input.first() {
        Some(first) if !kinds.contains(first) => Err(BadRequest),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIRE: &[u8] = b"*4\r\n$3\r\nSET\r\n$5\r\na\r\nbc\r\n:-7\r\n$-1\r\n";

    #[test]
    fn a_request_is_found_however_it_is_cut() {
        for cut in 0..=WIRE.len() {
            let mut scanner = RequestScanner::default();
            let first = scanner.scan(&WIRE[..cut], 1000).unwrap();
            let found = first.or_else(|| scanner.scan(WIRE, 1000).unwrap());
            assert_eq!(found, Some(WIRE.len()), "cut at {cut}");
        }
        let words = parse_request(WIRE).unwrap();
        let expected = [
            Argument::Bytes(b"SET"),
            Argument::Bytes(b"a\r\nbc"),
            Argument::Int(-7),
            Argument::Nil,
        ];
        assert_eq!(words, expected);
        assert!(parse_request(b"*0\r\n").unwrap().is_empty());
        assert!(parse_request(b"*-1\r\n").unwrap().is_empty());
    }

    #[test]
    fn what_is_none_is_refused_at_once() {
        for wire in [
            &b"GET a\r\n"[..],
            b"P",
            b"*a\r\n",
            b"*+1\r\n",
            b"*9999999\r\n",
            b"*1\r\n+OK\r\n",
            b"*1\r\n+",
            b"*1\r\n$-2\r\n",
            b"*1\r\n$1001\r\n",
            b"*1\r\n$2\r\nabcd",
            b"*1\r\n$99999999999999999999\r\n",
            &[b'*'; 40],
        ] {
            let bad = RequestScanner::default().scan(wire, 1000);
            assert_eq!(bad, Err(BadRequest), "{}", String::from_utf8_lossy(wire));
            assert!(parse_request(wire).is_err());
        }
        // What is announced costs no memory.
        assert_eq!(RequestScanner::default().scan(b"*1000000\r\n", 1000), Ok(None));
        assert!(parse_request(b"*1000000\r\n:1\r\n").is_err());
    }
}
