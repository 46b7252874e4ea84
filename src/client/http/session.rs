//! HTTP/1.1 as a client session: one request in flight, its deadlines, and what a failure is
//! called.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use super::{
    body::{Body, Download, TOO_LARGE},
    upload::Upload,
};
use crate::{
    client::{
        End, Session,
        websocket::{PushError, WebSocket},
    },
    proto::{
        http1::{
            HeaderError, IncomingHead, OutgoingRequest, ResponseDecoder, ResponseError,
            ResponseEvent, encode_request,
        },
        limits::Limits,
        websocket::{Fault, Incoming, NORMAL, Opcode, check_answer},
    },
};

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
    /// The caps on a response; that on its body counts what it is decoded to, and none in a file.
    pub limits: Limits,
    /// Bytes of the longest WebSocket message that is taken. Default 2 MiB.
    pub message: usize,
    /// Bytes that may wait to be sent, here and below; what is read from files does not count.
    /// Default 8 MiB.
    pub budget: usize,
}

impl Default for HttpConfig {
    fn default() -> Self {
        HttpConfig {
            response: Some(Duration::from_millis(500)),
            idle: Some(Duration::from_secs(300)),
            limits: Limits::RESPONSE,
            message: 2 * 1024 * 1024,
            budget: 8 * 1024 * 1024,
        }
    }
}

/// What goes with a request beside its head.
#[derive(Debug, Default)]
pub struct Transfer {
    /// What is sent behind what the request itself holds.
    pub upload: Upload,
    /// Where the body of a response with a status of 2xx goes, instead of memory.
    pub download: Option<Download>,
}

/// What a session tells its owner: how one request came out, exactly once for each that was taken;
/// and what a WebSocket says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpEvent {
    /// The whole response. One with status 101 has made the connection a WebSocket.
    Response(HttpResponse),
    /// The WebSocket's peer has said something.
    Message(Incoming),
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
    /// The body, transfer coding and content coding (gzip, deflate, br; one of them) taken off;
    /// empty if it is in a file.
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
    /// The connection is a WebSocket.
    #[error("the connection is a WebSocket")]
    Upgraded,
    /// More than `socket_buffer_size` bytes of it would wait.
    #[error("the request is larger than the output buffer")]
    TooLarge,
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
    socket: Option<WebSocket>,
    /// Since when nothing is in flight.
    idle_since: Option<Instant>,
    output: BytesMut,
    /// Bytes given out that had not left when they were last looked at.
    unsent: usize,
    events: VecDeque<HttpEvent>,
    /// The connection is to end with this once `events` are taken.
    close: Option<End>,
    /// `close` was given out.
    closing: bool,
}

/// The request that waits for its response.
#[derive(Debug)]
struct Flight {
    /// When it may be written at the earliest; in a transfer, when it was last seen to go on.
    written: Option<Instant>,
    /// The upload went on since.
    progress: bool,
    keep_alive: bool,
    upload: Upload,
    download: Option<Download>,
    /// The key of a request for WebSocket, and the subprotocols that it offers.
    upgrade: Option<(String, Vec<u8>)>,
    response: Option<(IncomingHead, Body)>,
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
            socket: None,
            idle_since: None,
            output: BytesMut::new(),
            unsent: 0,
            events: VecDeque::new(),
            close: None,
            closing: false,
        }
    }

    /// Takes a request; before the connection stands it waits for it. Allowed again as soon as the
    /// event of the one before was polled.
    ///
    /// # Errors
    /// Nothing was changed.
    pub fn request(
        &mut self,
        request: &OutgoingRequest,
        now: Instant,
    ) -> Result<(), RequestRefused> {
        self.transfer(request, &mut Transfer::default(), now)
    }

    /// As [`request`](Self::request), with a body from files or a response into one. `transfer` is
    /// taken; on an error it is as it was. The request's `following` is its upload's length.
    ///
    /// # Errors
    /// Nothing was changed.
    pub fn transfer(
        &mut self,
        request: &OutgoingRequest,
        transfer: &mut Transfer,
        now: Instant,
    ) -> Result<(), RequestRefused> {
        if self.socket.is_some() {
            return Err(RequestRefused::Upgraded);
        }
        if self.is_busy() {
            return Err(RequestRefused::Busy);
        }
        if self.is_closing() {
            return Err(RequestRefused::Closing);
        }
        if request.body.len().saturating_add(transfer.upload.held()) > self.config.budget {
            return Err(RequestRefused::TooLarge);
        }
        encode_request(&mut self.output, request)?;
        self.decoder.start(request.is_head());
        let Transfer { upload, download } = std::mem::take(transfer);
        let protocols = request.header(b"sec-websocket-protocol").unwrap_or_default();
        self.flight = Some(Flight {
            written: self.connected.then_some(now),
            progress: false,
            keep_alive: request.persists(),
            upload,
            download,
            upgrade: request.upgrade.clone().map(|key| (key, protocols.to_vec())),
            response: None,
        });
        self.idle_since = None;
        Ok(())
    }

    /// Sends a WebSocket frame.
    ///
    /// # Errors
    /// Nothing of it was taken.
    pub fn push(&mut self, opcode: Opcode, fin: bool, data: &[u8]) -> Result<(), PushError> {
        let room = self.room();
        let socket = Self::open_socket(&mut self.socket, self.connected && self.close.is_none())?;
        socket.push(&mut self.output, opcode, fin, data, room)
    }

    /// Begins the close handshake of a WebSocket. The peer has as long as for a response to answer
    /// it and to end the connection.
    ///
    /// # Errors
    /// There is none that is open.
    pub fn push_close(&mut self, code: u16, reason: &str, now: Instant) -> Result<(), PushError> {
        let socket = Self::open_socket(&mut self.socket, self.connected && self.close.is_none())?;
        socket.close(&mut self.output, code, reason, self.config.response, now)
    }

    /// The connection is about to be closed by its owner: a WebSocket's peer is told, and what it
    /// said that was not polled yet is dropped.
    pub fn handle_own_close(&mut self, now: Instant) {
        self.events.retain(|event| !matches!(event, HttpEvent::Message(_)));
        let _ = self.push_close(NORMAL, "", now);
    }

    /// Whether the connection has become a WebSocket.
    #[must_use]
    pub fn is_upgraded(&self) -> bool {
        self.socket.is_some()
    }

    fn open_socket(
        socket: &mut Option<WebSocket>,
        stands: bool,
    ) -> Result<&mut WebSocket, PushError> {
        match socket {
            _ if !stands => Err(PushError::NotConnected),
            None => Err(PushError::NotUpgraded),
            Some(socket) => Ok(socket),
        }
    }

    /// Bytes that may be added to what waits to be sent.
    fn room(&self) -> usize {
        self.config.budget.saturating_sub(self.output.len()).saturating_sub(self.unsent)
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
        let mut limits = self.config.limits;
        while let Some(flight) = &mut self.flight {
            let cap = self.config.limits.body;
            if flight.download.is_some() {
                // What goes to a file takes no memory.
                limits.body = u64::MAX;
            }
            let went_on = match self.decoder.decode(input, &limits) {
                Ok(Some(ResponseEvent::End)) => {
                    self.complete(now);
                    Ok(())
                }
                Ok(Some(ResponseEvent::Head(head))) => {
                    Body::new(&head, flight.download.as_ref(), cap)
                        .map(|body| flight.response = Some((head, body)))
                }
                Ok(Some(ResponseEvent::Body(piece))) => {
                    if flight.download.is_some() && flight.written.is_some() {
                        flight.written = Some(now);
                    }
                    match &mut flight.response {
                        Some((head, body)) => body.push(piece, head.length),
                        None => Ok(()),
                    }
                }
                Ok(None) => {
                    if let Some((head, body)) = &mut flight.response {
                        body.own(head.length);
                    }
                    return;
                }
                Err(ResponseError::BodyTooLarge) => Err(TOO_LARGE),
                Err(_) => Err(End::Protocol),
            };
            if let Err(why) = went_on {
                self.fail(STATUS_RESET, why);
                self.close = Some(why);
            }
        }
    }

    /// The response in flight is whole.
    fn complete(&mut self, now: Instant) {
        let Some(Flight { response: Some((head, body)), keep_alive, upload, upgrade, .. }) =
            self.flight.take()
        else {
            return;
        };
        let agreed = match (head.status, &upgrade) {
            (101, Some((key, protocols))) => {
                check_answer(&head.headers, key.as_bytes(), protocols).map_err(|_| HANDSHAKE)
            }
            // An upgrade that nobody asked for.
            (101, None) => Err(End::Protocol),
            _ => Ok(()),
        };
        let body = match agreed.and_then(|()| body.finish()) {
            Ok(body) => body,
            Err(why) => {
                self.events.push_back(HttpEvent::Failed { status: STATUS_RESET, why });
                self.close = Some(why);
                return;
            }
        };
        let cookies = head.headers.iter().filter(|(name, _)| name.as_ref() == b"set-cookie");
        let set_cookies = cookies.map(|(_, value)| value.clone()).collect();
        self.events.push_back(HttpEvent::Response(HttpResponse {
            status: i32::from(head.status),
            headers: head.headers,
            set_cookies,
            body,
        }));
        if head.status == 101 {
            self.socket = Some(WebSocket::new(self.config.message));
        } else if keep_alive && head.keep_alive && upload.is_empty() {
            self.idle_since = Some(now);
        } else {
            // The rest of a request that is answered already is sent to nobody.
            self.close = Some(End::Local);
        }
    }

    /// The WebSocket's side of [`Session::handle_input`].
    fn read_frames(&mut self, input: &mut BytesMut, now: Instant) {
        let HttpSession { socket: Some(socket), output, events, config, .. } = self else { return };
        let tell = |incoming| events.push_back(HttpEvent::Message(incoming));
        if let Err(fault) = socket.handle_input(input, output, config.response, now, tell) {
            self.close.get_or_insert(match fault {
                Fault::TooBig => TOO_LARGE,
                Fault::Protocol(_) | Fault::NotUtf8 => End::Protocol,
            });
        }
    }

    /// Reads as much of the upload as may wait to be sent.
    fn read_upload(&mut self, out: &mut BytesMut) {
        let Some(flight) = &mut self.flight else { return };
        if flight.upload.is_empty() || self.unsent >= UPLOAD_PIECE {
            return;
        }
        flight.progress = true;
        let most = UPLOAD_PIECE.saturating_sub(out.len());
        if let Err(errno) = flight.upload.read(out, most) {
            self.fail(STATUS_RESET, End::Refused(errno));
            self.close = Some(End::Refused(errno));
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
        if self.socket.is_none() && self.output.is_empty() {
            self.read(input, now);
        }
        if self.socket.is_some() {
            if self.close.is_some() || self.closing {
                input.clear();
            }
            return self.read_frames(input, now);
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
                    | End::Proxy(_)
                    | End::Refused(_),
                ) => self.fail(STATUS_RESET, why),
            }
        }
        self.decoder = ResponseDecoder::new();
        self.connected = false;
        self.socket = None;
        self.idle_since = None;
        self.output.clear();
        self.unsent = 0;
        self.close = None;
        self.closing = false;
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.poll_deadline().is_none_or(|deadline| deadline > now) {
            return;
        }
        if let Some(socket) = &mut self.socket {
            self.close = Some(socket.handle_timeout());
            return;
        }
        if let Some(flight) = &mut self.flight
            && std::mem::take(&mut flight.progress)
        {
            // The response is not due before the request is sent, as long as that goes on.
            flight.written = Some(now);
            return;
        }
        self.fail(STATUS_TIMEOUT, End::Deadline);
        self.idle_since = None;
        self.close = Some(End::Deadline);
    }

    fn poll_output(&mut self, out: &mut BytesMut) {
        if !self.connected {
            return;
        }
        if let Some(socket) = &mut self.socket
            && self.unsent < UPLOAD_PIECE
        {
            socket.answer_ping(&mut self.output);
        }
        if !self.output.is_empty() {
            if out.is_empty() {
                std::mem::swap(out, &mut self.output);
            } else {
                out.extend_from_slice(&self.output);
            }
            self.output = BytesMut::new();
        }
        self.read_upload(out);
    }

    fn handle_flushed(&mut self, left: usize) {
        if let Some(flight) = &mut self.flight
            && left < self.unsent
        {
            flight.progress = true;
        }
        self.unsent = left;
    }

    fn has_output(&self) -> bool {
        self.flight.as_ref().is_some_and(|flight| !flight.upload.is_empty())
            || self.socket.as_ref().is_some_and(WebSocket::has_ping)
    }

    fn poll_event(&mut self) -> Option<HttpEvent> {
        self.events.pop_front()
    }

    fn poll_deadline(&self) -> Option<Instant> {
        if self.is_closing() || !self.connected {
            return None;
        }
        match (&self.socket, &self.flight) {
            (Some(socket), _) => socket.poll_deadline(),
            (None, Some(flight)) => flight.written?.checked_add(self.config.response?),
            (None, None) => self.idle_since?.checked_add(self.config.idle?),
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

/// Bytes of an upload that are read ahead of the socket.
const UPLOAD_PIECE: usize = 64 * 1024;
/// What a handshake that proves nothing ends its connection with
/// (`SWOOLE_ERROR_WEBSOCKET_HANDSHAKE_FAILED`).
const HANDSHAKE: End = End::Refused(8504);
