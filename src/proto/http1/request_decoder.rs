//! Requests off the front of a byte stream.

use std::mem::MaybeUninit;

use bytes::{Buf, Bytes, BytesMut};

use super::chunked::{Chunk, ChunkDecoder, ChunkFault};
use super::fields::{Coding, Fields, is_host_byte, offset_in};
use super::head_memo::HeadMemo;
use super::request::{Meta, Request, Version};
use super::scan::{HeadScan, Scan, small};
use crate::proto::limits::{HTTP_HEADERS, Limits};

/// Takes whole requests, head and body, off the front of a connection's input.
///
/// Costs 24 bytes while it waits for a head. A request whose every byte is there is sliced out of
/// the input; one whose body is still coming is collected in buffers of its own, so that it does
/// not pin the read buffer.
#[derive(Debug, Default)]
pub struct RequestDecoder {
    state: State,
}

/// Why a request is refused. The connection cannot be read on: answer and close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// 400: the grammar is broken, or two recipients could read it differently.
    #[error("{0}")]
    Malformed(&'static str),
    /// 413: the body is over [`Limits::body`].
    #[error("body too large")]
    BodyTooLarge,
    /// 414: the request line is over [`Limits::line`].
    #[error("request line too long")]
    LineTooLong,
    /// 417: an expectation other than `100-continue`.
    #[error("unknown expectation")]
    Expectation,
    /// 431: the head is over [`Limits::head`], a line over [`Limits::header`], or there are more
    /// than [`HTTP_HEADERS`] lines.
    #[error("head too large")]
    HeadTooLarge,
    /// 501: a transfer coding besides `chunked`.
    #[error("transfer coding not implemented")]
    Coding,
    /// 505: neither HTTP/1.0 nor HTTP/1.1.
    #[error("HTTP version not supported")]
    Version,
}

impl RequestError {
    /// The status to answer with.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            RequestError::Malformed(_) => 400,
            RequestError::BodyTooLarge => 413,
            RequestError::LineTooLong => 414,
            RequestError::Expectation => 417,
            RequestError::HeadTooLarge => 431,
            RequestError::Coding => 501,
            RequestError::Version => 505,
        }
    }
}

#[derive(Debug)]
enum State {
    Head(HeadScan),
    Body(Box<Partial>),
    Failed(RequestError),
}

/// A request whose body is still coming.
#[derive(Debug)]
struct Partial {
    meta: Meta,
    head: Bytes,
    body: Vec<u8>,
    framing: Framing,
    continue_due: bool,
}

#[derive(Clone, Copy, Debug)]
enum Framing {
    /// The body's whole length.
    Length(u64),
    Chunked(ChunkDecoder),
}

impl RequestDecoder {
    /// A decoder at the start of a connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next whole request off `input`; `None` = more bytes are needed. After an error
    /// the same error comes for ever.
    ///
    /// Between two calls the caller only appends to `input`. Bytes behind the request stay there:
    /// the next pipelined one, or the upgraded protocol.
    pub fn decode(
        &mut self,
        input: &mut BytesMut,
        limits: &Limits,
    ) -> Result<Option<Request>, RequestError> {
        self.decode_knowing(input, limits, None)
    }

    /// [`decode`](Self::decode) with what is known of the header lines that came last.
    ///
    /// # Errors
    /// As `decode`.
    pub fn decode_with(
        &mut self,
        input: &mut BytesMut,
        limits: &Limits,
        memo: &mut HeadMemo,
    ) -> Result<Option<Request>, RequestError> {
        self.decode_knowing(input, limits, Some(memo))
    }

    fn decode_knowing(
        &mut self,
        input: &mut BytesMut,
        limits: &Limits,
        memo: Option<&mut HeadMemo>,
    ) -> Result<Option<Request>, RequestError> {
        let result = self.advance(input, limits, memo);
        if let Err(error) = result {
            self.state = State::Failed(error);
        }
        result
    }

    /// Whether `100 Continue` is to be sent now: true once after a head that asks for it and whose
    /// body has not begun to arrive (RFC 9110 section 10.1.1).
    pub fn poll_continue(&mut self) -> bool {
        match &mut self.state {
            State::Body(partial) => std::mem::take(&mut partial.continue_due),
            State::Head(_) | State::Failed(_) => false,
        }
    }

    /// Whether the head of a request is there, and its body is not.
    #[must_use]
    pub fn is_in_body(&self) -> bool {
        matches!(self.state, State::Body(_))
    }

    /// Bytes of a request under way that are kept here, and not in the input.
    #[must_use]
    pub fn held(&self) -> usize {
        match &self.state {
            State::Body(partial) => partial.head.len() + partial.body.capacity(),
            State::Head(_) | State::Failed(_) => 0,
        }
    }

    /// Whether a request has begun to arrive and is not complete. Bytes of a head that the caller
    /// holds but never passed to `decode` are not counted.
    #[must_use]
    pub fn is_midway(&self) -> bool {
        match &self.state {
            State::Head(scan) => !scan.is_fresh(),
            State::Body(_) => true,
            State::Failed(_) => false,
        }
    }

    /// What a new decoder has to be given, before what is left of the input, to stand where this one
    /// stands. Empty while a head is waited for: that is in the input.
    #[must_use]
    pub fn spell(&self) -> Vec<u8> {
        let State::Body(partial) = &self.state else { return Vec::new() };
        let Partial { head, body, framing, .. } = &**partial;
        let (before, behind) = match framing {
            Framing::Length(_) => Default::default(),
            Framing::Chunked(decoder) => decoder.spell(body.len() as u64),
        };
        [head, before.as_bytes(), body, behind.as_bytes()].concat()
    }

    fn advance(
        &mut self,
        input: &mut BytesMut,
        limits: &Limits,
        memo: Option<&mut HeadMemo>,
    ) -> Result<Option<Request>, RequestError> {
        match &mut self.state {
            State::Failed(error) => return Err(*error),
            State::Head(scan) => {
                let Some((meta, framing, continue_due)) = take_head(scan, input, limits, memo)?
                else {
                    return Ok(None);
                };
                *scan = HeadScan::default();
                let head = meta.head as usize;
                match framing {
                    None => {
                        let head = input.split_to(head).freeze();
                        let body = Bytes::new();
                        let request =
                            Request { head, body, meta, shares_head: true, shares_body: false };
                        return Ok(Some(request));
                    }
                    Some(Framing::Length(length)) if (input.len() - head) as u64 >= length => {
                        let length = usize::try_from(length).unwrap_or(usize::MAX);
                        let head = input.split_to(head).freeze();
                        let body = input.split_to(length.min(input.len())).freeze();
                        let request =
                            Request { head, body, meta, shares_head: true, shares_body: true };
                        return Ok(Some(request));
                    }
                    Some(framing) => {
                        let copy = Bytes::copy_from_slice(input.get(..head).unwrap_or_default());
                        input.advance(head);
                        self.state = State::Body(Box::new(Partial {
                            meta,
                            head: copy,
                            body: Vec::new(),
                            framing,
                            continue_due: continue_due && input.is_empty(),
                        }));
                    }
                }
            }
            State::Body(_) => {}
        }
        let State::Body(partial) = &mut self.state else { return Ok(None) };
        if !partial.fill(input, limits)? {
            return Ok(None);
        }
        let State::Body(partial) = std::mem::take(&mut self.state) else { return Ok(None) };
        let Partial { meta, head, mut body, .. } = *partial;
        body.shrink_to_fit();
        let body = Bytes::from(body);
        Ok(Some(Request { head, body, meta, shares_head: false, shares_body: false }))
    }
}

impl Default for State {
    fn default() -> Self {
        State::Head(HeadScan::default())
    }
}

impl Partial {
    /// Takes what belongs to the body off `input`; true when the body is complete.
    fn fill(&mut self, input: &mut BytesMut, limits: &Limits) -> Result<bool, RequestError> {
        if !input.is_empty() {
            self.continue_due = false;
        }
        match &mut self.framing {
            Framing::Length(length) => {
                let length = usize::try_from(*length).unwrap_or(usize::MAX);
                let n = input.len().min(length - self.body.len());
                reserve(&mut self.body, n, length);
                self.body.extend_from_slice(input.get(..n).unwrap_or_default());
                input.advance(n);
                Ok(self.body.len() == length)
            }
            Framing::Chunked(decoder) => loop {
                match decoder.decode(input)? {
                    Chunk::Partial => {
                        let size = (self.body.len() as u64).saturating_add(decoder.left());
                        let over = size > limits.body;
                        return if over { Err(RequestError::BodyTooLarge) } else { Ok(false) };
                    }
                    Chunk::End => return Ok(true),
                    Chunk::Data(n) => {
                        let size = (self.body.len() + n) as u64;
                        if size.saturating_add(decoder.left()) > limits.body {
                            return Err(RequestError::BodyTooLarge);
                        }
                        self.body.extend_from_slice(input.get(..n).unwrap_or_default());
                        input.advance(n);
                    }
                }
            },
        }
    }
}

impl From<ChunkFault> for RequestError {
    fn from(fault: ChunkFault) -> Self {
        match fault {
            ChunkFault::Malformed(why) => RequestError::Malformed(why),
            ChunkFault::Trailers => RequestError::HeadTooLarge,
        }
    }
}

/// Makes room for `n` more bytes of a body that will be `whole` long: doubling, so that a length
/// that is announced but never sent takes no memory, and ending at exactly `whole`.
fn reserve(body: &mut Vec<u8>, n: usize, whole: usize) {
    let need = body.len() + n;
    if need > body.capacity() {
        let want = need.max(body.capacity() * 2).max(BODY_START).min(whole);
        body.reserve_exact(want - body.len());
    }
}

/// Room that a body begins with.
const BODY_START: usize = 4096;

type Head = (Meta, Option<Framing>, bool);

/// Reads the head at the front of `input` once it is whole: where things stand in it, how its body
/// is delimited (`None` = no body), and whether the client waits for `100 Continue`.
fn take_head(
    scan: &mut HeadScan,
    input: &mut BytesMut,
    limits: &Limits,
    memo: Option<&mut HeadMemo>,
) -> Result<Option<Head>, RequestError> {
    if scan.is_fresh() {
        // RFC 9112 section 2.2: empty lines before a request line are read over.
        while input.starts_with(b"\r\n") {
            input.advance(2);
        }
        if input.is_empty() || input.as_ref() == b"\r" {
            return Ok(None);
        }
        if let Some(meta) = memo.as_ref().and_then(|memo| memo.recall(input, limits)) {
            return Ok(Some((meta, None, false)));
        }
        // Nearly always the whole head is there at once: then one pass does it.
        if let Some(head) = parse_head(input, limits)? {
            if let (Some(memo), (meta, None, false)) = (memo, &head) {
                memo.keep(input, meta);
            }
            return Ok(Some(head));
        }
    }
    match scan.advance(input, true) {
        Scan::Partial => {
            if !scan.has_first_line() && input.len() > limits.line + 1 {
                Err(RequestError::LineTooLong)
            } else if scan.line_length() > limits.header + 1 && scan.has_first_line()
                || input.len() >= limits.head
            {
                Err(RequestError::HeadTooLarge)
            } else {
                Ok(None)
            }
        }
        Scan::BareLf => Err(RequestError::Malformed("bare LF")),
        Scan::End(_) => match parse_head(input, limits)? {
            Some(head) => Ok(Some(head)),
            None => Err(RequestError::Malformed("bad head")),
        },
    }
}

/// One pass over the head; `None` = incomplete.
fn parse_head(input: &[u8], limits: &Limits) -> Result<Option<Head>, RequestError> {
    let mut headers = [const { MaybeUninit::uninit() }; HTTP_HEADERS];
    let mut request = httparse::Request::new(&mut []);
    let head_len = match request.parse_with_uninit_headers(input, &mut headers) {
        Ok(httparse::Status::Complete(n)) => n,
        Ok(httparse::Status::Partial) => return Ok(None),
        // Half a version may still become one that is answered with 505.
        Err(httparse::Error::Version) if memchr::memchr(b'\n', input).is_none() => {
            return Ok(None);
        }
        Err(error) => return Err(refusal(error, input, limits)),
    };
    let (Some(method), Some(target), Some(version)) =
        (request.method, request.path, request.version)
    else {
        return Err(RequestError::Malformed("bad request line"));
    };
    if offset_in(input, method.as_bytes()) != 0 {
        return Err(RequestError::Malformed("bare LF"));
    }
    if head_len > limits.head {
        return Err(RequestError::HeadTooLarge);
    }
    let version = if version == 0 { Version::Http10 } else { Version::Http11 };

    let mut fields = Fields::default();
    let mut line_start = 0;
    let mut headers_at = head_len - 2;
    for header in request.headers.iter() {
        let at = offset_in(input, header.name.as_bytes());
        if line_start == 0 {
            headers_at = at;
        }
        check_line(input, line_start, at, limits)?;
        line_start = at;
        fields.note(header.name.as_bytes(), header.value).map_err(RequestError::Malformed)?;
    }
    check_line(input, line_start, head_len - 2, limits)?;
    if !input.get(..head_len).unwrap_or_default().ends_with(b"\r\n") {
        return Err(RequestError::Malformed("bare LF"));
    }

    let http11 = version == Version::Http11;
    let target_at = offset_in(input, target.as_bytes());
    let mut meta = Meta {
        head: small(head_len),
        method: small(method.len()),
        target: small(target_at),
        target_end: small(target_at + target.len()),
        headers: small(headers_at),
        header_count: u16::try_from(request.headers.len()).unwrap_or(u16::MAX),
        version,
        keep_alive: fields.persists(http11),
        upgrade: fields.upgrade,
        ..Meta::default()
    };
    read_target(&mut meta, method, target.as_bytes())?;
    let framing = body_framing(&fields, http11, limits)?;
    Ok(Some((meta, framing, http11 && fields.expects_continue)))
}

/// A line from `start` up to the next one at `end`: ends in CRLF and keeps to its cap.
fn check_line(input: &[u8], start: usize, end: usize, limits: &Limits) -> Result<(), RequestError> {
    let line = input.get(start..end).unwrap_or_default();
    let Some(line) = line.strip_suffix(b"\r\n") else {
        return Err(RequestError::Malformed("bare LF"));
    };
    match start {
        0 if line.len() > limits.line => Err(RequestError::LineTooLong),
        0 => Ok(()),
        _ if line.len() > limits.header => Err(RequestError::HeadTooLarge),
        _ => Ok(()),
    }
}

/// Where path, query and authority stand in a target (RFC 9112 section 3.2).
fn read_target(meta: &mut Meta, method: &str, target: &[u8]) -> Result<(), RequestError> {
    let bad = Err(RequestError::Malformed("bad request target"));
    let path_at = match target {
        [b'/', ..] => 0,
        _ if method == "CONNECT" => {
            meta.path = meta.target;
            meta.path_end = meta.target_end;
            return if memchr::memchr3(b'/', b'?', b'@', target).is_some() { bad } else { Ok(()) };
        }
        b"*" if method == "OPTIONS" => 0,
        _ => {
            let scheme = match target {
                _ if starts_with(target, b"http://") => 7,
                _ if starts_with(target, b"https://") => 8,
                _ => return bad,
            };
            let rest = target.get(scheme..).unwrap_or_default();
            let authority = memchr::memchr2(b'/', b'?', rest).unwrap_or(rest.len());
            let named = rest.get(..authority).unwrap_or_default();
            if named.is_empty() || !named.iter().all(|&b| is_host_byte(b)) {
                return bad;
            }
            meta.authority = meta.target + small(scheme);
            meta.authority_end = meta.authority + small(authority);
            scheme + authority
        }
    };
    let rest = target.get(path_at..).unwrap_or_default();
    meta.path = meta.target + small(path_at);
    meta.path_end = meta.path + small(memchr::memchr(b'?', rest).unwrap_or(rest.len()));
    Ok(())
}

fn starts_with(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// How the body is delimited (RFC 9112 section 6.3), or why that is not certain.
fn body_framing(
    fields: &Fields,
    http11: bool,
    limits: &Limits,
) -> Result<Option<Framing>, RequestError> {
    match fields.hosts {
        _ if fields.bad_host => return Err(RequestError::Malformed("bad Host")),
        1 => {}
        0 if !http11 => {}
        0 => return Err(RequestError::Malformed("missing Host")),
        _ => return Err(RequestError::Malformed("several Host lines")),
    }
    let framing = match fields.coding() {
        Coding::None => match fields.length {
            None | Some(0) => None,
            Some(length) if length > limits.body => return Err(RequestError::BodyTooLarge),
            Some(length) => Some(Framing::Length(length)),
        },
        _ if fields.length.is_some() => {
            return Err(RequestError::Malformed("both Transfer-Encoding and Content-Length"));
        }
        _ if !http11 => return Err(RequestError::Malformed("Transfer-Encoding in HTTP/1.0")),
        Coding::Chunked => Some(Framing::Chunked(ChunkDecoder::default())),
        Coding::Unsupported => return Err(RequestError::Coding),
        Coding::Faulty => return Err(RequestError::Malformed("bad Transfer-Encoding")),
    };
    if fields.expects_unknown {
        return Err(RequestError::Expectation);
    }
    Ok(framing)
}

/// What a parser error comes to.
fn refusal(error: httparse::Error, input: &[u8], limits: &Limits) -> RequestError {
    match error {
        httparse::Error::TooManyHeaders => RequestError::HeadTooLarge,
        httparse::Error::Version if names_a_version(input, limits) => RequestError::Version,
        httparse::Error::HeaderName => RequestError::Malformed("bad header name"),
        httparse::Error::HeaderValue => RequestError::Malformed("bad header value"),
        httparse::Error::NewLine => RequestError::Malformed("bad line end"),
        httparse::Error::Version | httparse::Error::Token | httparse::Error::Status => {
            RequestError::Malformed("bad request line")
        }
    }
}

/// Whether the request line ends in some `HTTP/d.d` that is not ours.
fn names_a_version(input: &[u8], limits: &Limits) -> bool {
    let line = input.get(..limits.line).unwrap_or(input);
    let line = memchr::memchr(b'\n', line).and_then(|end| line.get(..end)).unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let version = line.rsplit(|&b| b == b' ').next().unwrap_or_default();
    matches!(
        version,
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit()
                && minor.is_ascii_digit()
                && !(*major == b'1' && matches!(minor, b'0' | b'1'))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_small_while_idle() {
        assert!(size_of::<RequestDecoder>() <= 24);
        assert!(size_of::<Request>() <= 128, "{}", size_of::<Request>());
    }

    #[test]
    fn a_whole_request_is_not_copied_until_it_is_compacted() {
        let mut input =
            BytesMut::from(&b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET"[..]);
        let start = input.as_ptr();
        let mut decoder = RequestDecoder::new();
        let mut request = decoder.decode(&mut input, &Limits::REQUEST).unwrap().unwrap();
        assert_eq!(request.head().as_ptr(), start);
        assert_eq!(request.body().as_ref(), b"abc");
        assert_eq!(input.as_ref(), b"GET");
        request.compact();
        assert_ne!(request.head().as_ptr(), start);
        assert_eq!(request.header(b"content-LENGTH"), Some(&b"3"[..]));
        assert!(!decoder.is_midway());
    }

    #[test]
    fn a_header_line_without_end_is_refused_at_its_cap() {
        let limits = Limits { header: 100, ..Limits::REQUEST };
        let mut decoder = RequestDecoder::new();
        let mut input = BytesMut::from(&b"GET / HTTP/1.1\r\nHost: x\r\nA: "[..]);
        input.resize(input.len() + 98, b'a');
        assert!(matches!(decoder.decode(&mut input, &limits), Ok(None)));
        input.extend_from_slice(b"a");
        assert_eq!(decoder.decode(&mut input, &limits).unwrap_err(), RequestError::HeadTooLarge);
    }

    #[test]
    fn a_spelled_request_goes_on_in_another_decoder_wherever_it_was_cut() {
        let head = "POST /a HTTP/1.1\r\nHost: a\r\n";
        let bodies = [
            "Content-Length: 11\r\n\r\nhello world",
            "Transfer-Encoding: chunked\r\n\r\n5 ;\r\nhello\r\n006;x=y\r\n world\r\n0;z\r\nT: u\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n10 ;\r\n0123456789abcdef\r\n0\r\n\r\n",
            "\r\n",
        ];
        for body in bodies {
            let wire = format!("{head}{body}GET");
            let request = |decoder: &mut RequestDecoder, input: &mut BytesMut| {
                decoder.decode(input, &Limits::REQUEST).unwrap()
            };
            let mut input = BytesMut::from(wire.as_bytes());
            let whole = request(&mut RequestDecoder::new(), &mut input).unwrap();
            for cut in 0..wire.len() - 3 {
                let (mut first, mut input) = (RequestDecoder::new(), BytesMut::new());
                for byte in &wire.as_bytes()[..cut] {
                    input.extend_from_slice(&[*byte]);
                    assert!(request(&mut first, &mut input).is_none());
                }
                let mut moved = BytesMut::from(&first.spell()[..]);
                moved.extend_from_slice(&input);
                let mut second = RequestDecoder::new();
                assert!(moved.is_empty() || request(&mut second, &mut moved).is_none());
                assert_eq!(second.is_in_body(), first.is_in_body(), "{cut} of {wire}");
                moved.extend_from_slice(&wire.as_bytes()[cut..]);
                let again = request(&mut second, &mut moved).unwrap();
                assert_eq!((again.head(), again.body()), (whole.head(), whole.body()));
                assert_eq!(moved, b"GET"[..]);
            }
        }
    }

    #[test]
    fn an_announced_body_takes_no_memory() {
        let mut body = Vec::new();
        reserve(&mut body, 10, 2_000_000);
        assert_eq!(body.capacity(), BODY_START);
        body.resize(BODY_START, 0);
        reserve(&mut body, 1, BODY_START + 1);
        assert_eq!(body.capacity(), BODY_START + 1);
    }

    #[test]
    fn continue_is_due_once_and_only_while_the_body_is_awaited() {
        const HEAD: &[u8] =
            b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
        let mut decoder = RequestDecoder::new();
        let mut input = BytesMut::from(HEAD);
        assert!(!decoder.poll_continue());
        assert!(decoder.decode(&mut input, &Limits::REQUEST).unwrap().is_none());
        assert!(decoder.poll_continue());
        assert!(!decoder.poll_continue());
        input.extend_from_slice(b"ok");
        assert!(decoder.decode(&mut input, &Limits::REQUEST).unwrap().is_some());
        input.extend_from_slice(HEAD);
        input.extend_from_slice(b"o");
        assert!(decoder.decode(&mut input, &Limits::REQUEST).unwrap().is_none());
        assert!(!decoder.poll_continue());
    }
}
