//! A plain connection of `Swoole\Client`: bytes out, data in, the idle deadline.
//!
//! One session is one connection. Its events come in this order: `Failed` alone; or `Connected`,
//! then `Received` (also what came together with the peer's FIN), then `Closed`. An own end before
//! the connection stood gives none.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use thiserror::Error;

use super::{End, Session};
use crate::options::ClientConfig;

/// What a session tells its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TcpEvent {
    /// The connection stands: onConnect.
    Connected,
    /// Data, or one packet: onReceive.
    Received(Bytes),
    /// It never stood: onError. The only event.
    Failed(End),
    /// It stood and has ended: onClose. The last event.
    Closed(End),
}

/// Why data was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SendError {
    /// The connection does not stand, or is being closed.
    #[error("not connected")]
    NotConnected,
    /// More than `socket_buffer_size` bytes would wait.
    #[error("the output buffer is full")]
    Overflow,
}

impl SendError {
    /// What PHP sees in `errCode`.
    #[must_use]
    pub fn err_code(self) -> i32 {
        match self {
            SendError::NotConnected => 5001,
            SendError::Overflow => 1008,
        }
    }
}

/// How bytes become `Received` events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// As they come, at most [`RAW_CHUNK`] bytes an event.
    #[default]
    Raw,
}

/// The most bytes of one raw `Received`.
pub const RAW_CHUNK: usize = 65_536;

impl Framing {
    /// Takes the next packet, or `None` if more bytes are needed.
    ///
    /// # Errors
    /// The peer broke the framing, or a packet is too long.
    fn next(self, input: &mut BytesMut) -> Result<Option<Bytes>, FramingError> {
        match self {
            Framing::Raw if input.is_empty() => Ok(None),
            Framing::Raw => Ok(Some(input.split_to(input.len().min(RAW_CHUNK)).freeze())),
        }
    }
}

/// A plain connection.
#[derive(Debug)]
pub struct TcpSession {
    framing: Framing,
    /// Bytes that may wait to be sent, here and below.
    budget: usize,
    /// For the time before the first data; `None` is no limit.
    idle: Option<Duration>,
    phase: Phase,
    output: BytesMut,
    events: VecDeque<TcpEvent>,
    closing: Option<End>,
    close_told: bool,
}

impl TcpSession {
    /// A session for a connection that does not stand yet. `socket_buffer_size` and `read_timeout`
    /// are read.
    #[must_use]
    pub fn new(config: &ClientConfig, framing: Framing) -> Self {
        TcpSession {
            framing,
            budget: config.socket_buffer_size,
            idle: config.read_timeout,
            phase: Phase::Fresh,
            output: BytesMut::new(),
            events: VecDeque::new(),
            closing: None,
            close_told: false,
        }
    }

    /// Queues data. `queued` is what still waits in the stream below: both count against
    /// `socket_buffer_size`. Before the first data of the peer it also restarts the idle deadline.
    ///
    /// # Errors
    /// Nothing of it was taken.
    pub fn send(&mut self, data: &[u8], queued: usize, now: Instant) -> Result<(), SendError> {
        if !self.is_connected() {
            return Err(SendError::NotConnected);
        }
        let waiting = self.output.len().saturating_add(queued).saturating_add(data.len());
        if waiting > self.budget {
            return Err(SendError::Overflow);
        }
        self.output.extend_from_slice(data);
        if let Phase::Silent { since } = &mut self.phase {
            *since = now;
        }
        Ok(())
    }

    /// Ends the connection once what was queued is sent. Data that was not polled yet, or arrives
    /// later, is dropped: there is no onReceive after a `close()`.
    pub fn close(&mut self) {
        self.closing.get_or_insert(End::Local);
        self.events.retain(|event| !matches!(event, TcpEvent::Received(_)));
    }

    /// Whether data is taken.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        matches!(self.phase, Phase::Silent { .. } | Phase::Talking) && self.closing.is_none()
    }
}

impl Session for TcpSession {
    type Event = TcpEvent;

    fn handle_connected(&mut self, now: Instant) {
        if self.phase == Phase::Fresh && self.closing.is_none() {
            self.phase = Phase::Silent { since: now };
            self.events.push_back(TcpEvent::Connected);
        }
    }

    fn handle_input(&mut self, input: &mut BytesMut, _now: Instant) {
        if !input.is_empty() && matches!(self.phase, Phase::Silent { .. }) {
            self.phase = Phase::Talking;
        }
        while self.is_connected() {
            match self.framing.next(input) {
                Ok(Some(packet)) => self.events.push_back(TcpEvent::Received(packet)),
                Ok(None) => return,
                Err(FramingError {}) => self.closing = Some(End::Protocol),
            }
        }
        input.clear();
    }

    fn handle_end(&mut self, why: End) {
        // The first reason stays, also when the flush of the last output met another.
        let why = self.closing.unwrap_or(why);
        let phase = std::mem::replace(&mut self.phase, Phase::Ended);
        self.output = BytesMut::new();
        self.closing = Some(why);
        self.close_told = true;
        match phase {
            Phase::Fresh if why == End::Local => {}
            Phase::Fresh => self.events.push_back(TcpEvent::Failed(why)),
            Phase::Silent { .. } | Phase::Talking => {
                self.events.push_back(TcpEvent::Closed(why));
            }
            Phase::Ended => {}
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.poll_deadline().is_some_and(|deadline| deadline <= now) {
            self.closing = Some(End::Deadline);
        }
    }

    fn poll_output(&mut self, out: &mut BytesMut) {
        out.unsplit(self.output.split());
    }

    fn poll_event(&mut self) -> Option<TcpEvent> {
        self.events.pop_front()
    }

    fn poll_deadline(&self) -> Option<Instant> {
        match self.phase {
            Phase::Silent { since } if self.closing.is_none() => since.checked_add(self.idle?),
            // Once the peer has spoken only TCP keepalive watches it.
            Phase::Silent { .. } | Phase::Fresh | Phase::Talking | Phase::Ended => None,
        }
    }

    fn poll_close(&mut self) -> Option<End> {
        if std::mem::replace(&mut self.close_told, self.closing.is_some()) {
            return None;
        }
        self.closing
    }
}

/// The peer broke the framing. Raw data has no form that could be broken.
#[derive(Debug)]
struct FramingError {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The byte stream does not stand yet.
    Fresh,
    /// The peer has sent nothing yet.
    Silent {
        /// The connect, or the last own send.
        since: Instant,
    },
    Talking,
    Ended,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Instant {
        #[expect(clippy::disallowed_methods, reason = "the virtual clock starts somewhere")]
        Instant::now()
    }

    fn connected(config: &ClientConfig) -> (TcpSession, Instant) {
        let now = start();
        let mut session = TcpSession::new(config, Framing::Raw);
        session.handle_connected(now);
        assert_eq!(session.poll_event(), Some(TcpEvent::Connected));
        (session, now)
    }

    fn events(session: &mut TcpSession) -> Vec<TcpEvent> {
        std::iter::from_fn(|| session.poll_event()).collect()
    }

    fn received(text: &'static [u8]) -> TcpEvent {
        TcpEvent::Received(Bytes::from_static(text))
    }

    #[test]
    fn data_comes_before_the_close_that_came_with_it() {
        let (mut session, now) = connected(&ClientConfig::default());
        let mut input = BytesMut::from(&b"last words"[..]);
        session.handle_input(&mut input, now);
        session.handle_end(End::Peer);
        session.handle_end(End::Peer);
        assert_eq!(events(&mut session), [received(b"last words"), TcpEvent::Closed(End::Peer)]);
        assert_eq!(session.poll_close(), None);
    }

    #[test]
    fn long_data_is_cut_into_chunks() {
        let (mut session, now) = connected(&ClientConfig::default());
        let mut input = BytesMut::from(&vec![7; 2 * RAW_CHUNK + 1][..]);
        session.handle_input(&mut input, now);
        let lengths: Vec<usize> = events(&mut session)
            .into_iter()
            .map(|event| match event {
                TcpEvent::Received(data) => data.len(),
                TcpEvent::Connected | TcpEvent::Failed(_) | TcpEvent::Closed(_) => 0,
            })
            .collect();
        assert_eq!(lengths, [RAW_CHUNK, RAW_CHUNK, 1]);
    }

    #[test]
    fn what_never_stood_fails_and_does_not_close() {
        for why in [End::Connect(111), End::Dns, End::Deadline] {
            let mut session = TcpSession::new(&ClientConfig::default(), Framing::Raw);
            session.handle_end(why);
            assert_eq!(events(&mut session), [TcpEvent::Failed(why)]);
        }
    }

    #[test]
    fn an_own_close_before_it_stood_tells_nothing() {
        let mut session = TcpSession::new(&ClientConfig::default(), Framing::Raw);
        session.close();
        assert_eq!(session.poll_close(), Some(End::Local));
        session.handle_end(End::Local);
        assert_eq!(events(&mut session), []);
    }

    #[test]
    fn a_silent_peer_is_let_go_after_300_seconds() {
        let (mut session, now) = connected(&ClientConfig::default());
        let deadline = now + Duration::from_secs(300);
        assert_eq!(session.poll_deadline(), Some(deadline));
        session.handle_timeout(deadline - Duration::from_millis(1));
        assert_eq!(session.poll_close(), None);
        session.handle_timeout(deadline);
        assert_eq!(session.poll_close(), Some(End::Deadline));
        assert_eq!(session.poll_close(), None, "told once");
        session.handle_end(End::Deadline);
        assert_eq!(events(&mut session), [TcpEvent::Closed(End::Deadline)]);
    }

    #[test]
    fn sending_restarts_the_idle_deadline_and_data_lifts_it() {
        let (mut session, now) = connected(&ClientConfig::default());
        let later = now + Duration::from_secs(200);
        session.send(b"hi", 0, later).unwrap();
        assert_eq!(session.poll_deadline(), Some(later + Duration::from_secs(300)));
        session.handle_input(&mut BytesMut::from(&b"x"[..]), later);
        assert_eq!(session.poll_deadline(), None);
        session.send(b"hi", 0, later).unwrap();
        assert_eq!(session.poll_deadline(), None);
    }

    #[test]
    fn the_idle_deadline_is_settable() {
        let config = ClientConfig { read_timeout: None, ..ClientConfig::default() };
        assert_eq!(connected(&config).0.poll_deadline(), None);
    }

    #[test]
    fn the_output_is_budgeted() {
        let config = ClientConfig { socket_buffer_size: 10, ..ClientConfig::default() };
        let mut fresh = TcpSession::new(&config, Framing::Raw);
        assert_eq!(fresh.send(b"x", 0, start()), Err(SendError::NotConnected));
        let (mut session, now) = connected(&config);
        assert_eq!(session.send(b"12345678", 0, now), Ok(()));
        assert_eq!(session.send(b"901", 0, now), Err(SendError::Overflow));
        assert_eq!(session.send(b"90", 0, now), Ok(()));
        let mut out = BytesMut::new();
        session.poll_output(&mut out);
        assert_eq!(out, &b"1234567890"[..]);
        assert_eq!(session.send(b"1", 10, now), Err(SendError::Overflow));
        assert_eq!(session.send(b"1", 9, now), Ok(()));
        assert_eq!(SendError::Overflow.err_code(), 1008);
    }

    #[test]
    fn nothing_is_received_after_an_own_close() {
        let (mut session, now) = connected(&ClientConfig::default());
        session.handle_input(&mut BytesMut::from(&b"early"[..]), now);
        session.close();
        assert_eq!(session.send(b"1", 0, now), Err(SendError::NotConnected));
        session.handle_input(&mut BytesMut::from(&b"late"[..]), now);
        session.handle_end(End::Peer);
        assert_eq!(events(&mut session), [TcpEvent::Closed(End::Local)]);
    }
}
