//! One accepted connection of a worker.

use std::{io, net::SocketAddr};

use bytes::{Bytes, BytesMut};

use crate::{
    proto::{
        framing::{Decoder, Found, FramingError},
        http1::{HeadMemo, Request, RequestDecoder, RequestError, encode_continue},
        limits::Limits,
    },
    reactor::TimerKey,
};

use super::{
    commands::Origin,
    exchange::{Exchanges, Serial},
    link::Link,
    port::{PortConfig, Speaks},
    progress::Seen,
    sessions::{Place, SessionId},
};

/// A connection: its stream, what arrived of the next message, and what it owes.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) stream: Link,
    pub(super) session: SessionId,
    /// Its row in the table that all processes share.
    pub(super) place: Place,
    pub(super) port: u16,
    pub(super) peer: Option<SocketAddr>,
    pub(super) phase: Phase,
    pub(super) protocol: Protocol,
    /// The beginning of a message whose rest has not arrived. Empty ones hold no memory.
    pub(super) input: BytesMut,
    /// The socket may hold more: the event that said so is used up.
    pub(super) readable: bool,
    /// The peer has closed its side, so read to the end even after a short read.
    pub(super) read_closed: bool,
    /// The end of input was read.
    pub(super) at_end: bool,
    /// `input` was not looked through: it may hold whole messages that no event will speak of.
    pub(super) held: bool,
    /// There is output that was queued outside the connection's own turn.
    pub(super) unsent: bool,
    /// The peer has taken output since the last look.
    pub(super) progressed: bool,
    /// The program reads nothing for now.
    pub(super) paused: bool,
    /// Nothing is read before the program has confirmed the connection.
    pub(super) unconfirmed: bool,
    /// The output has passed the high watermark.
    pub(super) full: bool,
    /// Bytes that are counted in the worker's sum.
    pub(super) counted: usize,
    /// What the last look at its progress saw.
    pub(super) seen: Seen,
    /// Bounds the wait of a connection that is closing or lingering.
    pub(super) limit: Option<TimerKey>,
}

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Open,
    /// `onClose` has been called or is running; what is queued still goes out.
    Closing,
    /// The sending side is shut; input is thrown away until the peer has closed too, so that its
    /// late bytes do not reset the connection before it has read our answer (RFC 9112 section 9.6).
    Lingering,
}

/// What is spoken on a connection.
#[derive(Debug)]
pub(super) enum Protocol {
    /// Bytes as they come.
    Raw,
    /// Packets.
    Packets(Box<Decoder>),
    /// HTTP/1.
    Http(Http),
}

/// The HTTP side of a connection.
#[derive(Debug, Default)]
pub(super) struct Http {
    pub(super) decoder: RequestDecoder,
    pub(super) exchanges: Exchanges,
    /// A request that can not be read was met, or the connection ends with an answer that is
    /// owed: nothing further is read.
    pub(super) last: bool,
    /// A client waits for `100 Continue`, which must not get between the pieces of the answers
    /// that are owed before.
    pub(super) continue_due: bool,
}

/// What stood at the front of the input.
#[derive(Debug)]
pub(super) enum Message {
    Request(Request),
    Malformed(RequestError),
    /// The client waits for `100 Continue`.
    Continue,
    /// Raw bytes: the whole input.
    Bytes,
    /// A packet.
    Packet(Bytes),
    /// How long is the packet that begins like this?
    Asked(Bytes),
    /// The peer broke the rule of packets: there is no next one.
    Broken(FramingError),
}

/// Requests of one connection that may wait for their answers; further ones stay unread.
const PIPELINE: usize = 64;
/// While more output than this waits, no further request is taken from the connection.
const OUTPUT_HIGH: usize = 64 * 1024;

impl Connection {
    /// One that has just been made, without a session.
    pub(super) fn new(
        stream: Link,
        protocol: Protocol,
        port: u16,
        peer: Option<SocketAddr>,
    ) -> Connection {
        Connection {
            stream,
            session: 0,
            place: Place::FIRST,
            port,
            peer,
            phase: Phase::Open,
            protocol,
            input: BytesMut::new(),
            readable: false,
            read_closed: false,
            at_end: false,
            held: false,
            unsent: false,
            progressed: false,
            paused: false,
            unconfirmed: false,
            full: false,
            counted: 0,
            seen: Seen::default(),
            limit: None,
        }
    }

    /// Whether the next message may be taken: not while the peer owes us reading.
    pub(super) fn may_advance(&mut self) -> bool {
        if self.phase != Phase::Open || self.paused || self.unconfirmed {
            return false;
        }
        match &self.protocol {
            Protocol::Raw | Protocol::Packets(_) => true,
            Protocol::Http(http) if http.exchanges.is_empty() && self.stream.is_flushed() => {
                !http.last
            }
            Protocol::Http(http) => {
                !http.last
                    && http.exchanges.len() < PIPELINE
                    && self.stream.output().len() + http.exchanges.queued() <= OUTPUT_HIGH
            }
        }
    }

    /// Sends what is queued: `true` when all is gone.
    ///
    /// # Errors
    /// The connection's.
    pub(super) fn flush(&mut self, spare: &mut Vec<BytesMut>) -> io::Result<bool> {
        if let Some(remote) = self.stream.remote_mut() {
            match &mut self.protocol {
                Protocol::Http(http) => {
                    remote.speak(true);
                    remote.note(http.exchanges.take_completed(), http.exchanges.has_begun());
                }
                Protocol::Raw | Protocol::Packets(_) => remote.speak(false),
            }
        }
        self.stream.flush(spare)
    }

    /// This process ends, which closes a socket of its own. An I/O thread has to be told which
    /// connections end too, and which are the next worker's.
    pub(super) fn end_with_process(&self, flushed: bool) {
        let Some(remote) = self.stream.remote() else { return };
        let answered = match &self.protocol {
            Protocol::Http(http) => http.last && http.exchanges.is_empty(),
            Protocol::Raw | Protocol::Packets(_) => false,
        };
        if self.phase == Phase::Closing || (flushed && answered) {
            remote.close(!flushed);
        }
    }

    /// Where its requests come from; PHP is told `server_port`.
    pub(super) fn origin(&self, server_port: u16) -> Origin {
        Origin { session: self.session, port: self.port, server_port, peer: self.peer }
    }

    /// Sends `100 Continue`, as soon as no answer is owed.
    pub(super) fn ask_for_body(&mut self) {
        let Protocol::Http(http) = &mut self.protocol else { return };
        http.continue_due = !http.exchanges.is_empty();
        if !http.continue_due {
            encode_continue(self.stream.output().tail());
        }
    }

    /// Whether its end would cut nothing: no answer is owed, and no request has begun to arrive.
    pub(super) fn is_idle(&self) -> bool {
        self.input.is_empty()
            && match &self.protocol {
                Protocol::Raw | Protocol::Packets(_) => true,
                Protocol::Http(http) => http.exchanges.is_empty() && !http.decoder.is_midway(),
            }
    }

    /// Whether an answer is owed.
    pub(super) fn owes(&self) -> bool {
        matches!(&self.protocol, Protocol::Http(http) if !http.exchanges.is_empty())
    }
}

impl Protocol {
    /// What is spoken on a port's connections.
    pub(super) fn of(port: &PortConfig) -> Protocol {
        match &port.speaks {
            Speaks::Raw => Protocol::Raw,
            Speaks::Http => Protocol::Http(Http::default()),
            Speaks::Packets(rule) => {
                let decoder = Decoder::new(rule.clone(), port.package_max_length);
                Protocol::Packets(Box::new(decoder))
            }
        }
    }

    /// Takes the next message from the front of `input`, which is not empty. `None`: more is needed.
    pub(super) fn next_message(
        &mut self,
        input: &mut BytesMut,
        limits: &Limits,
        memo: &mut HeadMemo,
    ) -> Option<Message> {
        let http = match self {
            Protocol::Raw => return Some(Message::Bytes),
            Protocol::Packets(decoder) => {
                return match decoder.next(input) {
                    Ok(Some(Found::Packet(packet))) => Some(Message::Packet(packet)),
                    Ok(Some(Found::Head(head))) => Some(Message::Asked(head)),
                    Ok(None) => None,
                    Err(error) => Some(Message::Broken(error)),
                };
            }
            Protocol::Http(http) => http,
        };
        match http.decoder.decode_with(input, limits, memo) {
            Ok(Some(request)) => Some(Message::Request(request)),
            Ok(None) => http.decoder.poll_continue().then_some(Message::Continue),
            Err(error) => {
                http.last = true;
                Some(Message::Malformed(error))
            }
        }
    }

    /// Notes that an answer is owed. `keep_alive`: further requests may follow.
    pub(super) fn begin_exchange(&mut self, request: &Request, keep_alive: bool) -> Option<Serial> {
        let Protocol::Http(http) = self else { return None };
        http.last = !keep_alive;
        http.continue_due = false;
        Some(http.exchanges.push(request.version(), request.is_head(), keep_alive))
    }
}
