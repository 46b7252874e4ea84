//! HTTP/1.1 as a client session: one request in flight, its deadlines, and what a failure is
//! called.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use super::{End, Session};
use crate::proto::http1::{
    HeaderError, IncomingHead, OutgoingRequest, ResponseDecoder, ResponseEvent, encode_request,
};
use crate::proto::limits::Limits;

/// The connection could not be made (classic `statusCode`).
pub const STATUS_CONNECT_FAILED: i32 = -1;
/// The response deadline passed.
pub const STATUS_TIMEOUT: i32 = -2;
/// The connection ended before the response was complete, or the response was malformed.
pub const STATUS_RESET: i32 = -3;

/// What a session is told once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpConfig {
    /// From the request's writing to the end of its response; counted from `handle_connected` for
    /// a request that waited for the connection. `None` = no deadline. Default 0.5 s.
    pub response: Option<Duration>,
    /// How long a connection without a request in flight is kept. `None` = for ever. Default
    /// 300 s.
    pub idle: Option<Duration>,
    /// The caps on a response.
    pub limits: Limits,
}

impl Default for HttpConfig {
    fn default() -> Self {
        HttpConfig {
            response: Some(Duration::from_millis(500)),
            idle: Some(Duration::from_secs(300)),
            limits: Limits::RESPONSE,
        }
    }
}

/// How one request came out; exactly one for each request that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpEvent {
    /// The whole response.
    Response(HttpResponse),
    /// There is none.
    Failed {
        /// [`STATUS_CONNECT_FAILED`], [`STATUS_TIMEOUT`] or [`STATUS_RESET`].
        status: i32,
        /// What went wrong; `err_code` gives PHP's `errCode`.
        why: End,
    },
}

/// A complete response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// 101, or 200 to 999.
    pub status: i32,
    /// In the order of the wire, names in lower case, repeated ones repeated, `set-cookie` too.
    pub headers: Vec<(Bytes, Bytes)>,
    /// The values of the `Set-Cookie` lines.
    pub set_cookies: Vec<Bytes>,
    /// The body, its transfer coding taken off, its content coding not.
    pub body: Bytes,
}

/// Why a request was not taken: nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestRefused {
    /// Another request is in flight.
    #[error("operation now in progress")]
    Busy,
    /// The connection is about to be closed: the request needs the next one.
    #[error("the connection is closing")]
    Closing,
    /// The request cannot be put on the wire.
    #[error(transparent)]
    Invalid(#[from] HeaderError),
}

/// One HTTP client's side of its connections, one after another: after `handle_end` the session
/// stands as at its start and the next request waits for the next connection.
#[derive(Debug)]
pub struct HttpSession {
    config: HttpConfig,
    decoder: ResponseDecoder,
    connected: bool,
    flight: Option<Flight>,
    /// Since when nothing is in flight.
    idle_since: Option<Instant>,
    output: BytesMut,
    events: VecDeque<HttpEvent>,
    /// The connection is to end with this once `events` are taken.
    close: Option<End>,
    /// `close` was given out.
    closing: bool,
}

/// The request that waits for its response.
#[derive(Debug)]
struct Flight {
    /// When it may be written at the earliest.
    written: Option<Instant>,
    keep_alive: bool,
    head: Option<IncomingHead>,
    body: Body,
}

/// The body so far: the first piece as it came, so that a response that comes at once is not
/// copied.
#[derive(Debug, Default)]
enum Body {
    #[default]
    Empty,
    One(Bytes),
    Many(BytesMut),
}

impl HttpSession {
    /// A session without a connection.
    #[must_use]
    pub fn new(config: HttpConfig) -> Self {
        HttpSession {
            config,
            decoder: ResponseDecoder::new(),
            connected: false,
            flight: None,
            idle_since: None,
            output: BytesMut::new(),
            events: VecDeque::new(),
            close: None,
            closing: false,
        }
    }

    /// Takes a request; before the connection stands it waits for it. Allowed again as soon as the
    /// event of the one before was polled.
    pub fn request(
        &mut self,
        request: &OutgoingRequest,
        now: Instant,
    ) -> Result<(), RequestRefused> {
        if self.is_busy() {
            return Err(RequestRefused::Busy);
        }
        if self.is_closing() {
            return Err(RequestRefused::Closing);
        }
        encode_request(&mut self.output, request)?;
        self.decoder.start(request.is_head());
        self.flight = Some(Flight {
            written: self.connected.then_some(now),
            keep_alive: request.persists(),
            head: None,
            body: Body::Empty,
        });
        self.idle_since = None;
        Ok(())
    }

    /// Whether a request is in flight, or its event was not polled yet.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.flight.is_some() || !self.events.is_empty()
    }

    /// Whether the session wants, or has asked for, the end of its connection: a new request needs
    /// the next connection.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.close.is_some() || self.closing
    }

    /// Whether the connection stands.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.connected
    }

    /// Replaces deadlines and caps; they count from the next look at them.
    pub fn set_config(&mut self, config: HttpConfig) {
        self.config = config;
    }

    /// Takes events off the decoder until it needs more bytes or the response is complete.
    fn read(&mut self, input: &mut BytesMut, now: Instant) {
        while let Some(flight) = &mut self.flight {
            match self.decoder.decode(input, &self.config.limits) {
                Ok(Some(ResponseEvent::End)) => self.complete(now),
                Ok(Some(ResponseEvent::Head(head))) => flight.head = Some(head),
                Ok(Some(ResponseEvent::Body(piece))) => {
                    let length = flight.head.as_ref().and_then(|head| head.length);
                    flight.body.push(piece, length);
                }
                Ok(None) => {
                    let length = flight.head.as_ref().and_then(|head| head.length);
                    flight.body.own(length);
                    return;
                }
                Err(_) => {
                    self.fail(STATUS_RESET, End::Protocol);
                    self.close = Some(End::Protocol);
                }
            }
        }
    }

    /// The response in flight is whole.
    fn complete(&mut self, now: Instant) {
        let Some(Flight { head: Some(head), body, keep_alive, .. }) = self.flight.take() else {
            return;
        };
        if head.status == 101 {
            // An upgrade that nobody asked for.
            self.events.push_back(HttpEvent::Failed { status: STATUS_RESET, why: End::Protocol });
            self.close = Some(End::Protocol);
            return;
        }
        let cookies = head.headers.iter().filter(|(name, _)| name.as_ref() == b"set-cookie");
        let set_cookies = cookies.map(|(_, value)| value.clone()).collect();
        self.events.push_back(HttpEvent::Response(HttpResponse {
            status: i32::from(head.status),
            headers: head.headers,
            set_cookies,
            body: body.into_bytes(),
        }));
        if keep_alive && head.keep_alive {
            self.idle_since = Some(now);
        } else {
            self.close = Some(End::Local);
        }
    }

    fn fail(&mut self, status: i32, why: End) {
        if self.flight.take().is_some() {
            self.events.push_back(HttpEvent::Failed { status, why });
        }
    }
}

impl Session for HttpSession {
    type Event = HttpEvent;

    fn handle_connected(&mut self, now: Instant) {
        self.connected = true;
        match &mut self.flight {
            Some(flight) => flight.written = Some(now),
            None => self.idle_since = Some(now),
        }
    }

    fn handle_input(&mut self, input: &mut BytesMut, now: Instant) {
        if self.output.is_empty() {
            self.read(input, now);
        }
        if !input.is_empty() && (self.flight.is_none() || !self.output.is_empty()) {
            // A response that nobody asked for: it would be taken for the next request's.
            input.clear();
            self.fail(STATUS_RESET, End::Protocol);
            if !self.is_closing() {
                self.close = Some(End::Protocol);
            }
        }
    }

    fn handle_end(&mut self, why: End) {
        if self.flight.is_some() {
            match (self.connected, why) {
                // An own close before the connection stood runs no callback.
                (false, End::Local) => self.flight = None,
                (false, _) => self.fail(STATUS_CONNECT_FAILED, why),
                (true, End::Peer) => match (self.decoder.handle_eof(), &self.flight) {
                    (Ok(Some(ResponseEvent::End)), Some(flight)) => {
                        // Only the idle deadline wants to know the time, and it is void here.
                        if let Some(at) = flight.written {
                            self.complete(at);
                        }
                    }
                    _ => self.fail(STATUS_RESET, why),
                },
                (true, End::Deadline) => self.fail(STATUS_TIMEOUT, why),
                // A body that ends with the connection is whole only after a clean end of TLS
                // (RFC 9112 section 9.8).
                (
                    true,
                    End::Local
                    | End::Reset(_)
                    | End::Connect(_)
                    | End::Dns
                    | End::Protocol
                    | End::Truncated
                    | End::Tls(_)
                    | End::Proxy(_),
                ) => self.fail(STATUS_RESET, why),
            }
        }
        self.decoder = ResponseDecoder::new();
        self.connected = false;
        self.idle_since = None;
        self.output.clear();
        self.close = None;
        self.closing = false;
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.poll_deadline().is_none_or(|deadline| deadline > now) {
            return;
        }
        self.fail(STATUS_TIMEOUT, End::Deadline);
        self.idle_since = None;
        self.close = Some(End::Deadline);
    }

    fn poll_output(&mut self, out: &mut BytesMut) {
        if self.connected && !self.output.is_empty() {
            if out.is_empty() {
                std::mem::swap(out, &mut self.output);
            } else {
                out.extend_from_slice(&self.output);
            }
            self.output = BytesMut::new();
        }
    }

    fn poll_event(&mut self) -> Option<HttpEvent> {
        self.events.pop_front()
    }

    fn poll_deadline(&self) -> Option<Instant> {
        if self.is_closing() || !self.connected {
            return None;
        }
        match &self.flight {
            Some(flight) => flight.written?.checked_add(self.config.response?),
            None => self.idle_since?.checked_add(self.config.idle?),
        }
    }

    fn poll_close(&mut self) -> Option<End> {
        if !self.events.is_empty() {
            return None;
        }
        let why = self.close.take()?;
        self.closing = true;
        Some(why)
    }
}

impl Body {
    /// Adds a piece; `length` is what the head announced.
    fn push(&mut self, piece: Bytes, length: Option<u64>) {
        self.own(length);
        match self {
            Body::Many(all) => all.extend_from_slice(&piece),
            Body::Empty | Body::One(_) => *self = Body::One(piece),
        }
    }

    /// Copies a piece that has to wait for others, so that it does not pin the read buffer.
    fn own(&mut self, length: Option<u64>) {
        if let Body::One(first) = self {
            let length = length.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
            let mut all = BytesMut::with_capacity(first.len().max(length.min(BODY_HINT)));
            all.extend_from_slice(first);
            *self = Body::Many(all);
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Body::Empty => Bytes::new(),
            Body::One(first) => first,
            Body::Many(all) => all.freeze(),
        }
    }
}

/// Room that an announced length alone gets: beyond it, only bytes that came take memory.
const BODY_HINT: usize = 256 * 1024;
