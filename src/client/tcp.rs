//! A plain connection of `Swoole\Client`: bytes out, data or packets in, the idle deadline, the
//! watermarks of what waits to be sent.
//!
//! One session is one connection. Its events come in this order: `Failed` alone; or `Connected`,
//! then `Received` (also what came together with the peer's FIN), then `Closed`. An own end before
//! the connection stood gives none.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use thiserror::Error;

use super::{End, Session};
use crate::{
    options::{ClientConfig, PackageConfig},
    proto::framing::{BadRule, Decoder, Found, Rule},
};

/// What a session tells its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TcpEvent {
    /// The connection stands: onConnect.
    Connected,
    /// Data, or one packet: onReceive.
    Received(Bytes),
    /// How long is the packet that begins like this (`package_length_func`)? Nothing more comes
    /// out until [`TcpSession::answer_length`].
    Measure(Bytes),
    /// More waits to be sent than `buffer_high_watermark`: onBufferFull.
    Full,
    /// After that no more than `buffer_low_watermark` waits: onBufferEmpty.
    Drained,
    /// TLS stands that was asked for on the open connection.
    Secured,
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
#[derive(Debug, Default)]
pub enum Framing {
    /// As they come, at most [`RAW_CHUNK`] bytes an event.
    #[default]
    Raw,
    /// One event a packet.
    Packets(Box<Decoder>),
    /// Each input is one datagram. There is no end of input, and no TCP that watches the peer:
    /// the idle deadline holds all the time.
    Datagrams,
}

/// The rule of the options; `None`: as it comes. `split`: end marks always part packets.
///
/// # Errors
/// The options name a rule that can not be.
pub fn rule(packages: &PackageConfig, split: bool) -> Result<Option<Rule>, BadRule> {
    Ok(if packages.eof_check || packages.eof_split {
        Some(Rule::eof(&packages.eof, split || packages.eof_split)?)
    } else if packages.length_check && packages.length_func {
        Some(Rule::Asked)
    } else if packages.length_check {
        let PackageConfig { length_type, length_offset, body_offset, .. } = *packages;
        Some(Rule::length(length_type, length_offset, body_offset)?)
    } else if packages.mqtt {
        Some(Rule::Mqtt)
    } else {
        None
    })
}

/// The most bytes of one raw `Received`.
pub const RAW_CHUNK: usize = 65_536;

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
    /// The answer to a `Measure` is outstanding.
    measuring: bool,
    high: usize,
    low: usize,
    full: bool,
}

impl TcpSession {
    /// A session for a connection that does not stand yet. `socket_buffer_size`, the watermarks and
    /// `read_timeout` are read.
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
            measuring: false,
            high: config.buffer_high_watermark.unwrap_or(config.socket_buffer_size / 5 * 4),
            low: config.buffer_low_watermark,
            full: false,
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
        self.handle_sent(now);
        Ok(())
    }

    /// Something was sent past this session (a file, a datagram): restarts the idle deadline as
    /// [`send`](Self::send) does.
    pub fn handle_sent(&mut self, now: Instant) {
        if let Phase::Silent { since } = &mut self.phase {
            *since = now;
        }
    }

    /// The answer to a [`TcpEvent::Measure`]; the input that was left has to be handled again.
    pub fn answer_length(&mut self, length: i64) {
        self.measuring = false;
        if let Framing::Packets(decoder) = &mut self.framing {
            decoder.answer(length);
        }
    }

    /// Ends the connection once what was queued is sent. Data that was not polled yet, or arrives
    /// later, is dropped: there is no onReceive after a `close()`.
    pub fn close(&mut self) {
        self.closing.get_or_insert(End::Local);
        self.events.retain(|event| matches!(event, TcpEvent::Connected));
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

    fn handle_input(&mut self, input: &mut BytesMut, now: Instant) {
        if let Phase::Silent { since } = &mut self.phase {
            match self.framing {
                Framing::Datagrams => *since = now,
                Framing::Raw | Framing::Packets(_) if input.is_empty() => {}
                Framing::Raw | Framing::Packets(_) => self.phase = Phase::Talking,
            }
        }
        while self.is_connected() {
            if self.measuring {
                return;
            }
            let event = match &mut self.framing {
                Framing::Raw if input.is_empty() => return,
                Framing::Raw => {
                    TcpEvent::Received(input.split_to(input.len().min(RAW_CHUNK)).freeze())
                }
                Framing::Datagrams => {
                    return self.events.push_back(TcpEvent::Received(input.split().freeze()));
                }
                Framing::Packets(decoder) => match decoder.next(input) {
                    Ok(None) => return,
                    Ok(Some(Found::Packet(packet))) => TcpEvent::Received(packet),
                    Ok(Some(Found::Head(head))) => {
                        self.measuring = true;
                        TcpEvent::Measure(head)
                    }
                    Err(_) => {
                        self.closing = Some(End::Protocol);
                        break;
                    }
                },
            };
            self.events.push_back(event);
        }
        input.clear();
    }

    fn handle_secured(&mut self, _now: Instant) {
        if self.is_connected() {
            self.events.push_back(TcpEvent::Secured);
        }
    }

    fn handle_flushed(&mut self, left: usize) {
        if !self.is_connected() {
            return;
        }
        if !self.full && left >= self.high.max(1) {
            self.full = true;
            self.events.push_back(TcpEvent::Full);
        } else if self.full && left <= self.low {
            self.full = false;
            self.events.push_back(TcpEvent::Drained);
        }
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
            .map(|event| if let TcpEvent::Received(data) = event { data.len() } else { 0 })
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
    fn packets_come_whole_and_a_broken_one_closes() {
        let now = start();
        let rule = Rule::length(b'C', 0, 1).unwrap();
        let mut session = TcpSession::new(
            &ClientConfig::default(),
            Framing::Packets(Box::new(Decoder::new(rule, 9))),
        );
        session.handle_connected(now);
        let mut input = BytesMut::from(&b"\x02hi\x01"[..]);
        session.handle_input(&mut input, now);
        assert_eq!(events(&mut session), [TcpEvent::Connected, received(b"\x02hi")]);
        input.extend_from_slice(b"x\x09");
        session.handle_input(&mut input, now);
        assert_eq!(session.poll_close(), Some(End::Protocol));
        session.handle_end(End::Protocol);
        assert_eq!(events(&mut session), [received(b"\x01x"), TcpEvent::Closed(End::Protocol)]);
    }

    #[test]
    fn a_length_that_is_asked_for_holds_the_rest_back() {
        let now = start();
        let framing = Framing::Packets(Box::new(Decoder::new(Rule::Asked, 9)));
        let mut session = TcpSession::new(&ClientConfig::default(), framing);
        session.handle_connected(now);
        let mut input = BytesMut::from(&b"abcd"[..]);
        session.handle_input(&mut input, now);
        let head = |bytes| TcpEvent::Measure(Bytes::from_static(bytes));
        assert_eq!(events(&mut session), [TcpEvent::Connected, head(b"abcd")]);
        session.handle_input(&mut input, now);
        assert_eq!(events(&mut session), []);
        session.answer_length(2);
        session.handle_input(&mut input, now);
        assert_eq!(events(&mut session), [received(b"ab"), head(b"cd")]);
        session.answer_length(-1);
        session.handle_input(&mut input, now);
        assert_eq!(session.poll_close(), Some(End::Protocol));
    }

    #[test]
    fn each_datagram_is_an_event_and_restarts_the_idle_deadline() {
        let now = start();
        let mut session = TcpSession::new(&ClientConfig::default(), Framing::Datagrams);
        session.handle_connected(now);
        let later = now + Duration::from_secs(100);
        session.handle_input(&mut BytesMut::from(&b"one"[..]), later);
        session.handle_input(&mut BytesMut::new(), later);
        assert_eq!(events(&mut session), [TcpEvent::Connected, received(b"one"), received(b"")]);
        assert_eq!(session.poll_deadline(), Some(later + Duration::from_secs(300)));
    }

    #[test]
    fn the_watermarks_are_told_once_each() {
        let config = ClientConfig {
            buffer_high_watermark: Some(10),
            buffer_low_watermark: 2,
            ..ClientConfig::default()
        };
        let (mut session, _) = connected(&config);
        for left in [9, 10, 11, 3, 2, 0, 10] {
            session.handle_flushed(left);
        }
        assert_eq!(events(&mut session), [TcpEvent::Full, TcpEvent::Drained, TcpEvent::Full]);
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
