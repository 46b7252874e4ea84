//! Responses off the front of a byte stream.

use std::mem::MaybeUninit;

use bytes::{Buf, Bytes, BytesMut};

use super::chunked::{Chunk, ChunkDecoder};
use super::fields::{Coding, Fields, offset_in, trim};
use super::request::Version;
use super::scan::{HeadScan, Scan};
use crate::proto::limits::{HTTP_HEADERS, Limits};

/// Takes responses off the front of a connection's input, one for each [`ResponseDecoder::start`].
#[derive(Debug, Default)]
pub struct ResponseDecoder {
    state: State,
    is_head: bool,
    /// Body bytes given out so far.
    taken: u64,
}

/// What a response consists of: one head, any number of body pieces, one end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponseEvent {
    /// The final head; interim (1xx) ones but 101 are read over.
    Head(IncomingHead),
    /// A piece of the body, its transfer coding taken off; never empty. A slice of the input.
    Body(Bytes),
    /// The response is complete. After 101 the input holds the new protocol.
    End,
}

/// The head of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingHead {
    /// 101, or 200 to 999.
    pub status: u16,
    /// The server's version.
    pub version: Version,
    /// In their order; names in lower case. Slices of one copy of the head.
    pub headers: Vec<(Bytes, Bytes)>,
    /// The connection can serve another exchange after this one (RFC 9112 section 9.3).
    pub keep_alive: bool,
    /// The body's length, where the head says it.
    pub length: Option<u64>,
}

/// Why a response is refused. The connection cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// The grammar is broken.
    #[error("malformed response: {0}")]
    Malformed(&'static str),
    /// The head is over [`Limits::head`] or has more than [`HTTP_HEADERS`] lines.
    #[error("response head too large")]
    HeadTooLarge,
    /// The body is over [`Limits::body`].
    #[error("response body too large")]
    BodyTooLarge,
    /// The stream ended before the response did.
    #[error("connection ended within a response")]
    Truncated,
}

#[derive(Debug, Default)]
enum State {
    /// No response is due.
    #[default]
    Idle,
    Head(HeadScan),
    /// That many body bytes are to come.
    Length(u64),
    Chunked(ChunkDecoder),
    /// The body lasts until the stream ends.
    UntilEof,
    /// The body is complete, its end not yet told.
    End,
    Failed(ResponseError),
}

impl ResponseDecoder {
    /// A decoder to which no response is due.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A request was sent: one response is due. `is_head`: it was HEAD, so no body follows.
    pub fn start(&mut self, is_head: bool) {
        *self = ResponseDecoder { state: State::Head(HeadScan::default()), is_head, taken: 0 };
    }

    /// Whether no response is due or midway.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// The next event; `None` = more bytes are needed, or none is due. After an error the same
    /// error comes until the next `start`. Between two calls the caller only appends to `input`.
    pub fn decode(
        &mut self,
        input: &mut BytesMut,
        limits: &Limits,
    ) -> Result<Option<ResponseEvent>, ResponseError> {
        let result = self.advance(input, limits);
        if let Err(error) = result {
            self.state = State::Failed(error);
        }
        result
    }

    /// The stream ended, and `decode` has given all it had: the end of a body that lasts until
    /// then, or an error when a response was due.
    pub fn handle_eof(&mut self) -> Result<Option<ResponseEvent>, ResponseError> {
        match std::mem::take(&mut self.state) {
            State::Idle => Ok(None),
            State::UntilEof | State::End => Ok(Some(ResponseEvent::End)),
            State::Failed(error) => Err(error),
            State::Head(_) | State::Length(_) | State::Chunked(_) => Err(ResponseError::Truncated),
        }
    }

    fn advance(
        &mut self,
        input: &mut BytesMut,
        limits: &Limits,
    ) -> Result<Option<ResponseEvent>, ResponseError> {
        match &mut self.state {
            State::Idle => Ok(None),
            State::Failed(error) => Err(*error),
            State::End => {
                self.state = State::Idle;
                Ok(Some(ResponseEvent::End))
            }
            State::Head(scan) => {
                while let Some(len) = head_length(scan, input, limits)? {
                    let (head, body) = parse_head(input, len, self.is_head)?;
                    input.advance(len);
                    *scan = HeadScan::default();
                    if head.status < 200 && head.status != 101 {
                        continue;
                    }
                    if head.length.is_some_and(|length| length > limits.body)
                        && matches!(body, State::Length(_))
                    {
                        return Err(ResponseError::BodyTooLarge);
                    }
                    self.state = body;
                    return Ok(Some(ResponseEvent::Head(head)));
                }
                Ok(None)
            }
            State::Length(left) => {
                let n = input.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= n as u64;
                if *left == 0 {
                    self.state = State::End;
                }
                self.give(input, n, 0, limits)
            }
            State::UntilEof => {
                let n = input.len();
                self.give(input, n, 0, limits)
            }
            State::Chunked(decoder) => {
                let step = decoder.decode(input).map_err(|_| MALFORMED_CHUNK)?;
                let left = decoder.left();
                match step {
                    Chunk::Data(n) => self.give(input, n, left, limits),
                    Chunk::Partial => self.give(input, 0, left, limits),
                    Chunk::End => {
                        self.state = State::Idle;
                        Ok(Some(ResponseEvent::End))
                    }
                }
            }
        }
    }

    /// Gives out `n` body bytes, of which `left` more are announced.
    fn give(
        &mut self,
        input: &mut BytesMut,
        n: usize,
        left: u64,
        limits: &Limits,
    ) -> Result<Option<ResponseEvent>, ResponseError> {
        self.taken += n as u64;
        if self.taken.saturating_add(left) > limits.body {
            return Err(ResponseError::BodyTooLarge);
        }
        Ok((n > 0).then(|| ResponseEvent::Body(input.split_to(n).freeze())))
    }
}

const MALFORMED_CHUNK: ResponseError = ResponseError::Malformed("bad chunk");

/// How long the head at the front of `input` is, once it is whole. A bare LF ends a line here
/// (RFC 9112 section 2.2): old servers send it, and nothing can be smuggled past a client.
fn head_length(
    scan: &mut HeadScan,
    input: &mut BytesMut,
    limits: &Limits,
) -> Result<Option<usize>, ResponseError> {
    if scan.is_fresh() {
        while let Some(b'\r' | b'\n') = input.first() {
            if input.as_ref() == b"\r" {
                return Ok(None);
            }
            input.advance(1);
        }
        if input.is_empty() {
            return Ok(None);
        }
    }
    match scan.advance(input, false) {
        Scan::End(len) if len <= limits.head => Ok(Some(len)),
        Scan::Partial if input.len() < limits.head => {
            // What cannot become a status line is refused before its end is waited for.
            let start = input.get(..5).unwrap_or(input);
            if b"HTTP/".starts_with(start) {
                Ok(None)
            } else {
                Err(ResponseError::Malformed("bad status line"))
            }
        }
        Scan::End(_) | Scan::Partial => Err(ResponseError::HeadTooLarge),
        Scan::BareLf => Err(ResponseError::Malformed("bare LF")),
    }
}

/// Reads a whole head of `len` bytes, and how its body is delimited (RFC 9112 section 6.3).
fn parse_head(
    input: &BytesMut,
    len: usize,
    is_head: bool,
) -> Result<(IncomingHead, State), ResponseError> {
    let input = input.get(..len).unwrap_or_default();
    let mut headers = [const { MaybeUninit::uninit() }; HTTP_HEADERS];
    let mut response = httparse::Response::new(&mut []);
    let mut config = httparse::ParserConfig::default();
    // RFC 9112 section 5.2: a user agent replaces an obs-fold by spaces.
    config.allow_obsolete_multiline_headers_in_responses(true);
    match config.parse_response_with_uninit_headers(&mut response, input, &mut headers) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Err(ResponseError::Malformed("bad head")),
        Err(httparse::Error::TooManyHeaders) => return Err(ResponseError::HeadTooLarge),
        Err(_) => return Err(ResponseError::Malformed("bad head")),
    }
    let status = response.code.filter(|&code| code >= 100);
    let status = status.ok_or(ResponseError::Malformed("bad status"))?;
    let http11 = response.version == Some(1);

    let mut fields = Fields::default();
    let mut copy = BytesMut::from(input);
    for header in response.headers.iter() {
        fields.note(header.name.as_bytes(), header.value).map_err(ResponseError::Malformed)?;
        let name = offset_in(input, header.name.as_bytes());
        if let Some(name) = copy.get_mut(name..name + header.name.len()) {
            name.make_ascii_lowercase();
        }
        if memchr::memchr2(b'\r', b'\n', header.value).is_none() {
            continue;
        }
        let value = offset_in(input, header.value);
        let value = value..value.saturating_add(header.value.len());
        for byte in copy.get_mut(value).unwrap_or_default() {
            if matches!(*byte, b'\r' | b'\n') {
                *byte = b' ';
            }
        }
    }
    let copy = copy.freeze();
    let slice = |text: &[u8]| {
        let at = offset_in(input, text);
        // An empty value need not point into the head.
        if text.is_empty() { Bytes::new() } else { copy.slice(at..at + text.len()) }
    };
    let headers = response.headers.iter();
    let headers = headers.map(|field| (slice(field.name.as_bytes()), slice(trim(field.value))));

    let bare = is_head || status < 200 || matches!(status, 204 | 304);
    let body = match fields.coding() {
        _ if bare => State::End,
        Coding::Chunked => State::Chunked(ChunkDecoder::default()),
        Coding::Unsupported => return Err(ResponseError::Malformed("transfer coding")),
        Coding::Faulty => State::UntilEof,
        Coding::None => match fields.length {
            Some(0) => State::End,
            Some(length) => State::Length(length),
            None => State::UntilEof,
        },
    };
    // RFC 9112 section 6.1: a sender that names both framings is not to be trusted with a second
    // response, nor is HTTP/1.0 with a transfer coding.
    let doubtful = fields.coded && (fields.length.is_some() || !http11);
    let keep_alive =
        fields.persists(http11) && !doubtful && !matches!(body, State::UntilEof) && status != 101;
    let head = IncomingHead {
        status,
        version: if http11 { Version::Http11 } else { Version::Http10 },
        headers: headers.collect(),
        keep_alive,
        length: if fields.coded { None } else { fields.length },
    };
    Ok((head, body))
}
