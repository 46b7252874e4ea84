use bytes::{Buf, Bytes, BytesMut};
use thiserror::Error;

use super::Reply;
use super::limits::{ELEMENT_COST, MAX_BULK, MAX_DEPTH, MAX_ELEMENTS, MAX_LINE};

/// What the peer did wrong. The connection cannot be used any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// A byte that starts no reply.
    #[error("byte 0x{0:02x} starts no reply")]
    UnknownType(u8),
    /// A number that is none, or does not fit.
    #[error("malformed number")]
    Number,
    /// A boolean other than `t` and `f`.
    #[error("malformed boolean")]
    Bool,
    /// A null with something in it.
    #[error("malformed null")]
    Null,
    /// A verbatim string without its three letters and colon.
    #[error("malformed verbatim string")]
    Verbatim,
    /// A carriage return without its line feed, or a bulk that is longer than announced.
    #[error("CRLF is missing")]
    Crlf,
    /// A line longer than [`MAX_LINE`].
    #[error("line is too long")]
    LongLine,
    /// A bulk longer than [`MAX_BULK`].
    #[error("bulk string is too long")]
    LongBulk,
    /// More than [`MAX_ELEMENTS`] elements.
    #[error("reply has too many elements")]
    ManyElements,
    /// More than the decoder's limit.
    #[error("reply is too long")]
    LongReply,
    /// Deeper than [`MAX_DEPTH`].
    #[error("reply is nested too deep")]
    Depth,
    /// A push inside another reply.
    #[error("push inside a reply")]
    NestedPush,
    /// RESP3's streamed strings and aggregates.
    #[error("streamed types are not supported")]
    Streamed,
}

/// Takes replies out of a byte stream.
///
/// It remembers where it stopped, so the buffer given to [`Decoder::decode`] must be the same one
/// each time: whoever appends to it must not take from it.
#[derive(Debug)]
pub struct Decoder {
    /// Aggregates that are still open, outermost first; at most [`MAX_DEPTH`].
    open: Vec<Frame>,
    /// The bulk whose header was read.
    bulk: Option<BulkHeader>,
    /// Bytes of the input that are known to hold no CR.
    scanned: usize,
    /// What the reply has announced so far.
    elements: u64,
    payload: u64,
    /// Bytes of one reply.
    limit: u64,
    failed: Option<DecodeError>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder at the start of a stream, with no caps but those of [`limits`](super::limits).
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(u64::MAX)
    }

    /// A decoder whose replies have at most `limit` bytes, with [`ELEMENT_COST`] counted for each
    /// element of an array, a set or a map.
    #[must_use]
    pub fn with_limit(limit: u64) -> Self {
        Decoder {
            open: Vec::new(),
            bulk: None,
            scanned: 0,
            elements: 0,
            payload: 0,
            limit,
            failed: None,
        }
    }

    /// Takes the next whole reply, or `None` if more bytes are needed.
    ///
    /// # Errors
    /// What the peer did wrong; every later call gives the same.
    pub fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Reply>, DecodeError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.advance(input).inspect_err(|&error| {
            self.failed = Some(error);
            self.open = Vec::new();
        })
    }

    /// Whether a reply has begun that is not whole yet. What is left of the input counts too.
    #[must_use]
    pub fn is_amid_reply(&self) -> bool {
        !self.open.is_empty() || self.bulk.is_some() || self.scanned > 0
    }

    fn advance(&mut self, input: &mut BytesMut) -> Result<Option<Reply>, DecodeError> {
        loop {
            let step = match self.bulk {
                Some(header) => self.take_bulk(header, input)?,
                None => self.take_line(input)?,
            };
            let value = match step {
                Step::More => return Ok(None),
                Step::Opened => None,
                Step::Value(value) => Some(value),
            };
            if let Some(reply) = self.settle(value) {
                self.elements = 0;
                self.payload = 0;
                return Ok(Some(reply));
            }
        }
    }

    /// Hands a value to the aggregate around it, and closes those that are full. Gives the reply
    /// once nothing is open.
    fn settle(&mut self, mut value: Option<Reply>) -> Option<Reply> {
        loop {
            let Some(frame) = self.open.last_mut() else { return value };
            if let Some(value) = value.take() {
                frame.left -= 1;
                frame.items.push(value);
            }
            if frame.left > 0 {
                return None;
            }
            // An attribute is no value: what it describes comes next, in its parent.
            value = self.open.pop().and_then(|frame| frame.items.into_reply());
            value.as_ref()?;
        }
    }

    fn take_bulk(&mut self, header: BulkHeader, input: &mut BytesMut) -> Result<Step, DecodeError> {
        if input.len() < header.len + CRLF.len() {
            // What is there of the CRLF is checked now: a longer bulk must not wait for its end.
            let ending = input.get(header.len..).unwrap_or_default();
            return if CRLF.starts_with(ending) { Ok(Step::More) } else { Err(DecodeError::Crlf) };
        }
        let mut payload = input.split_to(header.len).freeze();
        if !input.starts_with(CRLF) {
            return Err(DecodeError::Crlf);
        }
        input.advance(CRLF.len());
        self.bulk = None;
        Ok(Step::Value(match header.kind {
            BulkKind::Text => Reply::Bulk(payload),
            BulkKind::Error => Reply::Error(payload),
            BulkKind::Verbatim => match *payload {
                [a, b, c, b':', ..] => {
                    payload.advance(VERBATIM_HEAD);
                    Reply::Verbatim { format: [a, b, c], text: payload }
                }
                _ => return Err(DecodeError::Verbatim),
            },
        }))
    }

    fn take_line(&mut self, input: &mut BytesMut) -> Result<Step, DecodeError> {
        let Some(&marker) = input.first() else { return Ok(Step::More) };
        let kind = Kind::of(marker)?;
        if kind == Kind::Push && !self.open.is_empty() {
            return Err(DecodeError::NestedPush);
        }
        let Some(line) = self.split_line(input)? else { return Ok(Step::More) };
        let value = match kind {
            Kind::Status => Reply::Status(self.counted(line)?),
            Kind::Error => Reply::Error(self.counted(line)?),
            Kind::Integer => Reply::Integer(integer(&line)?),
            Kind::Double => Reply::Double(double(&line)?),
            Kind::BigNumber if is_digits(unsigned(&line)) => Reply::BigNumber(self.counted(line)?),
            Kind::BigNumber => return Err(DecodeError::Number),
            Kind::Bool => match *line {
                [b't'] => Reply::Bool(true),
                [b'f'] => Reply::Bool(false),
                _ => return Err(DecodeError::Bool),
            },
            Kind::Null if line.is_empty() => Reply::Null,
            Kind::Null => return Err(DecodeError::Null),
            Kind::Bulk(kind) => return self.open_bulk(kind, &line),
            Kind::Array => return self.open_list(&line, Items::Array(Vec::new())),
            Kind::Set => return self.open_list(&line, Items::Set(Vec::new())),
            Kind::Push => return self.open_list(&line, Items::Push(Vec::new())),
            Kind::Map => return self.open_pairs(&line, Items::Map(Vec::new(), None)),
            Kind::Attribute => return self.open_pairs(&line, Items::Skipped),
        };
        Ok(Step::Value(value))
    }

    /// Takes a line without its marker and CRLF.
    fn split_line(&mut self, input: &mut BytesMut) -> Result<Option<Bytes>, DecodeError> {
        let start = self.scanned.max(MARKER);
        let unseen = input.get(start..).unwrap_or_default();
        let found = memchr::memchr(b'\r', unseen).map(|at| start + at);
        let end = found.unwrap_or(input.len());
        if end > MARKER + MAX_LINE {
            return Err(DecodeError::LongLine);
        }
        match input.get(end..).unwrap_or_default() {
            [] | [b'\r'] => {
                self.scanned = end;
                Ok(None)
            }
            [b'\r', b'\n', ..] => {
                self.scanned = 0;
                let mut line = input.split_to(end + CRLF.len()).freeze();
                line.truncate(end);
                line.advance(MARKER);
                Ok(Some(line))
            }
            _ => Err(DecodeError::Crlf),
        }
    }

    fn open_bulk(&mut self, kind: BulkKind, line: &[u8]) -> Result<Step, DecodeError> {
        let Some(len) = announced(line, kind == BulkKind::Text)? else {
            return Ok(Step::Value(Reply::Null));
        };
        if len > MAX_BULK {
            return Err(DecodeError::LongBulk);
        }
        self.spend(len)?;
        let len = usize::try_from(len).map_err(|_| DecodeError::LongBulk)?;
        self.bulk = Some(BulkHeader { kind, len });
        Ok(Step::Opened)
    }

    fn open_list(&mut self, line: &[u8], items: Items) -> Result<Step, DecodeError> {
        match announced(line, matches!(items, Items::Array(_)))? {
            Some(left) => self.open(left, items),
            None => Ok(Step::Value(Reply::Null)),
        }
    }

    fn open_pairs(&mut self, line: &[u8], items: Items) -> Result<Step, DecodeError> {
        let pairs = announced(line, false)?.ok_or(DecodeError::Number)?;
        self.open(pairs.saturating_mul(2), items)
    }

    fn open(&mut self, left: u64, items: Items) -> Result<Step, DecodeError> {
        self.elements = self.elements.saturating_add(left);
        if self.elements > MAX_ELEMENTS {
            return Err(DecodeError::ManyElements);
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(DecodeError::Depth);
        }
        self.spend(left.saturating_mul(ELEMENT_COST))?;
        self.open.push(Frame { left, items });
        Ok(Step::Opened)
    }

    fn counted(&mut self, line: Bytes) -> Result<Bytes, DecodeError> {
        self.spend(line.len() as u64)?;
        Ok(line)
    }

    fn spend(&mut self, bytes: u64) -> Result<(), DecodeError> {
        self.payload = self.payload.saturating_add(bytes);
        if self.payload > self.limit { Err(DecodeError::LongReply) } else { Ok(()) }
    }
}

const CRLF: &[u8] = b"\r\n";
const MARKER: usize = 1;
const VERBATIM_HEAD: usize = 4;

enum Step {
    More,
    /// A header was read: of a bulk, or of an aggregate.
    Opened,
    Value(Reply),
}

#[derive(Debug)]
struct Frame {
    /// Elements that have not arrived; a map's keys and values each count.
    left: u64,
    items: Items,
}

#[derive(Debug)]
enum Items {
    Array(Vec<Reply>),
    Set(Vec<Reply>),
    Push(Vec<Reply>),
    /// The pairs, and the key whose value comes next.
    Map(Vec<(Reply, Reply)>, Option<Reply>),
    Skipped,
}

impl Items {
    fn push(&mut self, value: Reply) {
        match self {
            Items::Array(list) | Items::Set(list) | Items::Push(list) => list.push(value),
            Items::Map(pairs, key) => match key.take() {
                Some(key) => pairs.push((key, value)),
                None => *key = Some(value),
            },
            Items::Skipped => {}
        }
    }

    fn into_reply(self) -> Option<Reply> {
        match self {
            Items::Array(list) => Some(Reply::Array(list)),
            Items::Set(list) => Some(Reply::Set(list)),
            Items::Push(list) => Some(Reply::Push(list)),
            Items::Map(pairs, _) => Some(Reply::Map(pairs)),
            Items::Skipped => None,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct BulkHeader {
    kind: BulkKind,
    /// At most [`MAX_BULK`].
    len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BulkKind {
    Text,
    Error,
    Verbatim,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Status,
    Error,
    Integer,
    Double,
    BigNumber,
    Bool,
    Null,
    Bulk(BulkKind),
    Array,
    Set,
    Push,
    Map,
    Attribute,
}

impl Kind {
    fn of(marker: u8) -> Result<Self, DecodeError> {
        Ok(match marker {
            b'+' => Kind::Status,
            b'-' => Kind::Error,
            b':' => Kind::Integer,
            b',' => Kind::Double,
            b'(' => Kind::BigNumber,
            b'#' => Kind::Bool,
            b'_' => Kind::Null,
            b'$' => Kind::Bulk(BulkKind::Text),
            b'!' => Kind::Bulk(BulkKind::Error),
            b'=' => Kind::Bulk(BulkKind::Verbatim),
            b'*' => Kind::Array,
            b'~' => Kind::Set,
            b'>' => Kind::Push,
            b'%' => Kind::Map,
            b'|' => Kind::Attribute,
            b';' | b'.' => return Err(DecodeError::Streamed),
            other => return Err(DecodeError::UnknownType(other)),
        })
    }
}

/// A length; `None` for RESP2's null, where it may stand.
fn announced(line: &[u8], nullable: bool) -> Result<Option<u64>, DecodeError> {
    match line {
        b"?" => Err(DecodeError::Streamed),
        b"-1" if nullable => Ok(None),
        digits if is_digits(digits) => {
            // More digits than fit are a length beyond every cap.
            Ok(Some(text(digits)?.parse().unwrap_or(u64::MAX)))
        }
        _ => Err(DecodeError::Number),
    }
}

fn integer(line: &[u8]) -> Result<i64, DecodeError> {
    if !is_digits(unsigned(line)) {
        return Err(DecodeError::Number);
    }
    text(line)?.parse().map_err(|_| DecodeError::Number)
}

fn double(line: &[u8]) -> Result<f64, DecodeError> {
    match line {
        b"inf" | b"+inf" => return Ok(f64::INFINITY),
        b"-inf" => return Ok(f64::NEG_INFINITY),
        b"nan" | b"-nan" => return Ok(f64::NAN),
        _ => {}
    }
    // `parse` knows words of its own ("infinity"): only numbers may reach it.
    let plain = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    if !line.iter().all(plain) {
        return Err(DecodeError::Number);
    }
    text(line)?.parse().map_err(|_| DecodeError::Number)
}

fn unsigned(line: &[u8]) -> &[u8] {
    match line {
        [b'+' | b'-', digits @ ..] => digits,
        digits => digits,
    }
}

fn is_digits(line: &[u8]) -> bool {
    !line.is_empty() && line.iter().all(u8::is_ascii_digit)
}

fn text(line: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(line).map_err(|_| DecodeError::Number)
}
