//! One connection of a client, from the name to the end: resolve, connect, run a session.

use std::{
    cell::RefCell,
    io,
    net::SocketAddr,
    os::fd::{AsRawFd, RawFd},
    time::{Duration, Instant},
};

use bytes::BytesMut;

use crate::{
    net::{Address, Answer, Buffers, Received, Resolver, Stream, Ticket, Tls, TlsClient},
    reactor::{Reactor, Ready, TimerKey, Token},
    sys::errno,
};

use super::{End, Session, Target, race::Race, wire::Wire};

/// What a connection needs of its loop.
#[derive(Clone, Copy)]
pub struct Io<'a> {
    /// Polling, time and timers.
    pub reactor: &'a Reactor,
    /// Names.
    pub resolver: &'a RefCell<Resolver>,
    /// Buffers that the connections of a loop share.
    pub buffers: &'a RefCell<Buffers>,
}

/// A session and its connection. Dropping it closes the socket; [`discard`](Self::discard) must
/// have been called before, or the end been reached.
#[derive(Debug)]
pub struct Connection<S> {
    session: S,
    token: Token,
    target: Target,
    phase: Phase,
    input: BytesMut,
    /// The peer has closed its side: read to the end even after a short read.
    read_closed: bool,
    /// A send has failed with this errno. What the peer sent before is still read.
    broken: Option<i32>,
    /// When it must stand; once it does, when TLS must that was asked for later.
    connect_by: Option<Instant>,
    /// When it ends whatever happens.
    total_by: Option<Instant>,
    /// The session waits for TLS.
    securing: bool,
    stood: bool,
    ended: Option<End>,
    timer: Option<(Instant, TimerKey)>,
    /// Nothing is read.
    paused: bool,
    /// TCP watches the peer.
    kept_alive: bool,
}

#[derive(Debug)]
enum Phase {
    Resolving(Ticket),
    Connecting(Race),
    /// The stream stands, but the session's bytes can not pass yet: proxy, TLS.
    Preparing(Box<Wire>),
    /// Failed before there was anything to wait for; the loop is told in its next turn.
    Failed(End),
    Open(Box<Wire>),
    Ended,
}

/// Bytes received at most in one turn and connection.
const RECEIVE: usize = 64 * 1024;
/// Pieces of output sent at most in one turn and connection.
const PIECES: usize = 8;
/// A deadline that is no farther than this (the usual idle time) watches a peer well enough.
const NEAR: Duration = Duration::from_secs(300);
/// TCP keepalive, where nothing else watches the peer: idle 60 s, then 3 probes 10 s apart (contract A9).
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(60), Duration::from_secs(10), 3);

impl<S: Session> Connection<S> {
    /// Starts connecting. Whatever goes wrong, at once or later, comes from the loop: as a
    /// readiness event of `token`, an answer of the resolver, or a timer.
    pub fn start(io: Io<'_>, session: S, target: Target, token: Token) -> Connection<S> {
        let now = io.reactor.refresh_now();
        let connect_by = target.timeout.map(|timeout| now + timeout);
        let total_by = target.total.map(|total| now + total);
        let mut connection = Connection {
            session,
            token,
            target,
            phase: Phase::Ended,
            input: BytesMut::new(),
            read_closed: false,
            broken: None,
            connect_by,
            total_by,
            securing: false,
            stood: false,
            ended: None,
            timer: None,
            paused: false,
            kept_alive: false,
        };
        match connection.target.first().clone() {
            Address::Ip(address) => connection.connect(io, vec![address]),
            Address::Unix(path) => match Race::unix(io, &path, connection.target.datagram, token) {
                Ok(race) => connection.phase = Phase::Connecting(race),
                Err(end) => connection.fail(io, end),
            },
            Address::Name(host, port) => {
                let mut resolver = io.resolver.borrow_mut();
                if let Some(addresses) = resolver.cached(&host, port, now) {
                    drop(resolver);
                    connection.connect(io, addresses);
                } else {
                    let asked = resolver.resolve(token, &host, port);
                    drop(resolver);
                    match asked {
                        Ok(ticket) => connection.phase = Phase::Resolving(ticket),
                        Err(_) => connection.fail(io, End::Dns),
                    }
                }
            }
        }
        connection.arm(io);
        connection
    }

    /// The session, for its commands; call [`settle`](Self::settle) afterwards.
    pub fn session(&mut self) -> &mut S {
        &mut self.session
    }

    /// Whether bytes can be exchanged.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open(_))
    }

    /// Whether bytes could ever be exchanged.
    #[must_use]
    pub fn has_stood(&self) -> bool {
        self.stood
    }

    /// Whether the connection has ended; events may still wait.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended)
    }

    /// Why it ended, once it has; `None` for one that was discarded.
    #[must_use]
    pub fn end_reason(&self) -> Option<End> {
        self.ended
    }

    /// The socket's descriptor, once there is one.
    #[must_use]
    pub fn descriptor(&self) -> Option<RawFd> {
        self.stream().map(AsRawFd::as_raw_fd)
    }

    /// Bytes that wait below the session to be sent.
    pub fn queued(&mut self) -> usize {
        match &mut self.phase {
            Phase::Open(wire) => wire.queued(),
            Phase::Resolving(_)
            | Phase::Connecting(_)
            | Phase::Preparing(_)
            | Phase::Failed(_)
            | Phase::Ended => 0,
        }
    }

    /// The stream, once there is one.
    #[must_use]
    pub fn stream(&self) -> Option<&Stream> {
        match &self.phase {
            Phase::Open(wire) | Phase::Preparing(wire) => Some(&wire.stream),
            Phase::Connecting(race) => race.stream(),
            Phase::Resolving(_) | Phase::Failed(_) | Phase::Ended => None,
        }
    }

    /// TLS, once both sides agree on it.
    #[must_use]
    pub fn tls(&self) -> Option<&Tls> {
        let Phase::Open(wire) = &self.phase else { return None };
        wire.tls().filter(|tls| !tls.is_handshaking())
    }

    /// Begins TLS on an open stream. What was sent before leaves in the clear;
    /// [`Session::handle_secured`] tells when TLS stands. `false`: the stream is not open, or has
    /// TLS.
    pub fn secure(&mut self, io: Io<'_>, client: TlsClient) -> bool {
        let Phase::Open(wire) = &mut self.phase else { return false };
        if self.target.datagram || wire.tls().is_some() {
            return false;
        }
        // What came in the clear must not be taken for what the peer says under TLS.
        self.input = BytesMut::new();
        self.securing = true;
        self.connect_by = self.target.timeout.map(|timeout| io.reactor.now() + timeout);
        if let Err(end) = wire.secure(&mut self.session, client) {
            self.close(io, end);
        }
        true
    }

    /// The connection's descriptor is ready, or it asked to be looked at again.
    pub fn handle_ready(&mut self, io: Io<'_>, ready: Ready) {
        if let Phase::Failed(end) = self.phase {
            return self.end(io, end);
        }
        if matches!(self.phase, Phase::Connecting(_)) {
            self.check_connect(io, ready);
        }
        // What a refused address said must not stick to the connection to the next one.
        if let Phase::Open(wire) | Phase::Preparing(wire) = &self.phase {
            // A datagram socket has no end: its errors are of single datagrams.
            self.read_closed |= !self.target.datagram && (ready.read_closed || ready.error);
            let plain = wire.is_plain();
            if self.paused && wire.is_ready() {
                return;
            }
            if self.target.datagram {
                self.receive_datagram(io);
            } else if ready.readable || self.read_closed {
                if plain { self.receive(io) } else { self.receive_layered(io) }
            }
        }
    }

    /// The resolver has answered.
    pub fn handle_answer(&mut self, io: Io<'_>, ticket: Ticket, answer: Answer) {
        if !matches!(self.phase, Phase::Resolving(asked) if asked == ticket) {
            return;
        }
        match answer {
            Ok(addresses) => {
                self.connect(io, addresses);
                if let Phase::Failed(end) = self.phase {
                    self.end(io, end);
                }
            }
            Err(_) => {
                // There is no lookup left to cancel.
                self.phase = Phase::Failed(End::Dns);
                self.end(io, End::Dns);
            }
        }
    }

    /// A timer of this connection is due.
    pub fn handle_timeout(&mut self, io: Io<'_>) {
        self.timer = None;
        let now = io.reactor.now();
        if self.total_by.is_some_and(|at| at <= now) {
            return self.close(io, End::Deadline);
        }
        match self.phase {
            Phase::Open(_) => {
                if self.connect_by.is_some_and(|at| at <= now) {
                    return self.end(io, End::Deadline);
                }
                if self.session.poll_deadline().is_some_and(|at| at <= now) {
                    self.session.handle_timeout(now);
                }
            }
            Phase::Resolving(_) | Phase::Connecting(_) | Phase::Preparing(_) => {
                if self.connect_by.is_some_and(|at| at <= now) {
                    return self.end(io, End::Deadline);
                }
                if let Phase::Connecting(race) = &mut self.phase
                    && let Err(end) = race.advance(io)
                {
                    self.end(io, end);
                }
            }
            Phase::Failed(_) | Phase::Ended => {}
        }
    }

    /// The next event. Once the session has none left and wants the connection ended, this ends
    /// it, which may give further events.
    pub fn poll_event(&mut self, io: Io<'_>) -> Option<S::Event> {
        loop {
            if let Some(event) = self.session.poll_event() {
                return Some(event);
            }
            if self.is_ended() {
                return None;
            }
            let end = self.session.poll_close()?;
            self.close(io, end);
        }
    }

    /// Ends the connection after what is queued was given to the system, as far as it takes it.
    /// The events of the end come from [`poll_event`](Self::poll_event).
    pub fn close(&mut self, io: Io<'_>, end: End) {
        if self.is_ended() {
            return;
        }
        if let Phase::Open(_) | Phase::Preparing(_) = self.phase {
            let _ = self.flush(io);
            if let Phase::Open(wire) | Phase::Preparing(wire) = &mut self.phase {
                wire.close();
                let _ = self.flush(io);
            }
        }
        self.end(io, end);
    }

    /// Has the session look again at the input that it left, after an answer that it waited for.
    pub fn resume_input(&mut self, io: Io<'_>) {
        if self.is_ready() && !self.input.is_empty() {
            self.session.handle_input(&mut self.input, io.reactor.now());
            if self.input.is_empty() {
                self.input = BytesMut::new();
            }
        }
    }

    /// Stops reading, or starts again. An end of the connection that a send does not meet is seen
    /// only after that.
    pub fn set_paused(&mut self, io: Io<'_>, paused: bool) {
        if self.paused && !paused {
            io.reactor.again(self.token);
        }
        self.paused = paused;
    }

    /// Queues `length` bytes of `file` from `offset` on behind everything that was sent before.
    pub fn send_file(&mut self, file: std::fs::File, offset: u64, length: u64) {
        if let Phase::Open(wire) = &mut self.phase {
            wire.send_file(&mut self.session, file, offset, length);
        }
    }

    /// Sends one datagram.
    ///
    /// # Errors
    /// The errno: `EAGAIN` when the system takes none now, `EMSGSIZE` for one that is too long.
    pub fn send_datagram(&self, data: &[u8]) -> Result<(), i32> {
        let Phase::Open(wire) = &self.phase else { return Err(errno::ENOTCONN) };
        wire.stream.send_datagram(data).map_err(|error| errno::of(&error))
    }

    /// Ends one side: what was sent before leaves first.
    ///
    /// # Errors
    /// The system's.
    pub fn shutdown(&mut self, io: Io<'_>, how: std::net::Shutdown) -> io::Result<()> {
        if how != std::net::Shutdown::Read {
            self.flush(io)?;
            if let Phase::Open(wire) = &mut self.phase {
                wire.close();
            }
            self.flush(io)?;
        }
        let Phase::Open(wire) = &self.phase else {
            return Err(io::Error::from_raw_os_error(errno::ENOTCONN));
        };
        wire.stream.socket().shutdown(how)
    }

    /// Ends the connection without an event: own close before it stood, or the loop's end.
    pub fn discard(&mut self, io: Io<'_>) {
        if let Phase::Resolving(ticket) = self.phase {
            io.resolver.borrow_mut().cancel(ticket);
        }
        match &mut self.phase {
            Phase::Connecting(race) => race.discard(io),
            Phase::Open(wire) | Phase::Preparing(wire) => io.reactor.deregister(&wire.stream),
            Phase::Resolving(_) | Phase::Failed(_) | Phase::Ended => {}
        }
        if let Some((_, key)) = self.timer.take() {
            io.reactor.timers().borrow_mut().cancel(key);
        }
        self.phase = Phase::Ended;
        self.input = BytesMut::new();
    }

    /// Sends what the session has for the peer and sets the timer: after every command and after
    /// the events of a turn were handled.
    pub fn settle(&mut self, io: Io<'_>) {
        if self.is_open() && self.session.poll_secure() {
            match self.target.tls.clone() {
                Some(client) => {
                    self.secure(io, client);
                }
                None => self.end(io, End::Protocol),
            }
        }
        if self.broken.is_none()
            && let Err(error) = self.flush(io)
        {
            // What the peer sent before it broke the connection is still to be read: the end is
            // left to the receive that finds nothing more.
            self.broken = Some(errno::of(&error));
            self.read_closed = true;
            io.reactor.again(self.token);
        }
        self.arm(io);
    }

    /// Starts with the first of `addresses` that a connect can be started to.
    fn connect(&mut self, io: Io<'_>, addresses: Vec<SocketAddr>) {
        let Target { datagram, bind, .. } = self.target;
        let mut race = Race::new(addresses, datagram, bind, self.token);
        match race.advance(io) {
            Ok(()) => self.phase = Phase::Connecting(race),
            Err(end) => self.fail(io, end),
        }
    }

    fn check_connect(&mut self, io: Io<'_>, ready: Ready) {
        let Phase::Connecting(race) = &mut self.phase else { return };
        match race.handle_ready(io, ready) {
            Ok(None) => {}
            Ok(Some(stream)) => {
                self.set_options(&stream);
                let tls = self.target.tls.clone().filter(|_| !self.target.tls_later);
                match Wire::new(stream, self.target.handshake(), tls) {
                    Ok(wire) => self.phase = Phase::Preparing(Box::new(wire)),
                    Err(end) => return self.end(io, end),
                }
                self.check_ready(io);
            }
            Err(end) => self.end(io, end),
        }
    }

    /// Whether the session's bytes can pass.
    fn is_ready(&self) -> bool {
        matches!(&self.phase, Phase::Open(wire) if wire.is_ready())
    }

    /// Tells the session once what lies below it is ready.
    fn check_ready(&mut self, io: Io<'_>) {
        let now = io.reactor.now();
        match std::mem::replace(&mut self.phase, Phase::Ended) {
            Phase::Preparing(wire) if wire.is_ready() => {
                self.phase = Phase::Open(wire);
                self.stood = true;
                self.connect_by = None;
                self.session.handle_connected(now);
            }
            Phase::Open(wire) if self.securing && wire.is_ready() => {
                self.phase = Phase::Open(wire);
                self.securing = false;
                self.connect_by = None;
                self.session.handle_secured(now);
            }
            phase @ (Phase::Resolving(_)
            | Phase::Connecting(_)
            | Phase::Preparing(_)
            | Phase::Failed(_)
            | Phase::Open(_)
            | Phase::Ended) => self.phase = phase,
        }
    }

    /// Options that matter but whose failure does not break the connection.
    fn set_options(&self, stream: &Stream) {
        if self.is_tcp() && self.target.nodelay {
            let _ = stream.socket().set_tcp_nodelay(true);
        }
    }

    fn is_tcp(&self) -> bool {
        !self.target.datagram && !matches!(self.target.first(), Address::Unix(_))
    }

    /// Lets TCP watch a peer that no deadline watches, or a far one.
    fn keep_alive(&mut self) {
        let is_tcp = self.is_tcp();
        let Phase::Open(wire) = &self.phase else { return };
        self.kept_alive = true;
        if is_tcp {
            let (idle, interval, probes) = KEEPALIVE;
            let keepalive = socket2::TcpKeepalive::new()
                .with_time(idle)
                .with_interval(interval)
                .with_retries(probes);
            let _ = wire.stream.socket().set_tcp_keepalive(&keepalive);
        }
    }

    fn receive(&mut self, io: Io<'_>) {
        let Phase::Open(wire) = &self.phase else { return };
        let stream = &wire.stream;
        let now = io.reactor.now();
        let received = if self.input.is_empty() {
            let mut shared = io.buffers.borrow_mut().take_input();
            let received = stream.receive(&mut shared, RECEIVE);
            if matches!(received, Ok(Some(received)) if received.bytes > 0) {
                self.session.handle_input(&mut shared, now);
                if !shared.is_empty() {
                    self.input.extend_from_slice(&shared);
                    shared.clear();
                }
            }
            io.buffers.borrow_mut().give_input(shared);
            received
        } else {
            let received = stream.receive(&mut self.input, RECEIVE);
            if matches!(received, Ok(Some(received)) if received.bytes > 0) {
                self.session.handle_input(&mut self.input, now);
                if self.input.is_empty() {
                    self.input = BytesMut::new();
                }
            }
            received
        };
        self.handle_received(io, received, End::Peer);
    }

    /// Receives through proxy and TLS.
    fn receive_layered(&mut self, io: Io<'_>) {
        let (Phase::Open(wire) | Phase::Preparing(wire)) = &mut self.phase else { return };
        let mut raw = io.buffers.borrow_mut().take_input();
        let received = wire.stream.receive(&mut raw, RECEIVE);
        let taken = match received {
            Ok(Some(_)) => wire.handle_input(&mut raw, &mut self.input),
            Ok(None) | Err(_) => Ok(()),
        };
        raw.clear();
        io.buffers.borrow_mut().give_input(raw);
        let (closed, end_of_input) = (wire.is_closed_by_peer(), wire.end_of_input());
        self.check_ready(io);
        // What came before a failure or the end is told first.
        self.resume_input(io);
        match taken {
            Err(end) => self.close(io, end),
            // The end is a turn of its own, as where FIN tells it: what came before is told first.
            Ok(()) if closed && matches!(received, Ok(Some(received)) if received.bytes > 0) => {
                io.reactor.again(self.token);
            }
            Ok(()) if closed => self.close(io, End::Peer),
            Ok(()) => self.handle_received(io, received, end_of_input),
        }
    }

    /// What a receive says about the connection.
    fn handle_received(
        &mut self,
        io: Io<'_>,
        received: io::Result<Option<Received>>,
        end_of_input: End,
    ) {
        match (received, self.broken) {
            (Ok(None), None) => {}
            (Ok(None), Some(errno)) => self.end(io, End::Reset(errno)),
            (Ok(Some(received)), broken) if received.bytes == 0 => self.end(
                io,
                match broken {
                    // The failed send has used the error up.
                    Some(errno::ECONNRESET) => End::Reset(errno::ECONNRESET),
                    Some(_) | None => end_of_input,
                },
            ),
            (Ok(Some(received)), _) => {
                if !received.drained || self.read_closed {
                    io.reactor.again(self.token);
                }
            }
            (Err(error), _) => self.end(io, End::Reset(errno::of(&error))),
        }
    }

    /// One datagram a turn, as one piece of input.
    fn receive_datagram(&mut self, io: Io<'_>) {
        let Phase::Open(wire) = &self.phase else { return };
        let mut shared = io.buffers.borrow_mut().take_input();
        match wire.stream.receive(&mut shared, RECEIVE) {
            Ok(None) => {}
            Ok(Some(_)) => {
                self.session.handle_input(&mut shared, io.reactor.now());
                io.reactor.again(self.token);
            }
            // What became of an earlier datagram (nobody listens there) ends nothing.
            Err(_) => io.reactor.again(self.token),
        }
        shared.clear();
        io.buffers.borrow_mut().give_input(shared);
    }

    fn flush(&mut self, io: Io<'_>) -> io::Result<()> {
        let (Phase::Open(wire) | Phase::Preparing(wire)) = &mut self.phase else { return Ok(()) };
        let spare = &mut io.buffers.borrow_mut().spare;
        for _ in 0..PIECES {
            let mut more = wire.flush(&mut self.session, spare)?;
            if self.stood {
                let queued = wire.queued();
                self.session.handle_flushed(queued);
                more |= queued == 0 && self.session.has_output();
            }
            if !more {
                return Ok(());
            }
        }
        // The socket takes more than is fair to the others: on with it in the next turn.
        io.reactor.again(self.token);
        Ok(())
    }

    /// Before the first event: the loop is told in its next turn, so that `start` has returned.
    fn fail(&mut self, io: Io<'_>, end: End) {
        self.phase = Phase::Failed(end);
        io.reactor.again(self.token);
    }

    fn end(&mut self, io: Io<'_>, end: End) {
        if self.is_ended() {
            return;
        }
        self.discard(io);
        self.ended = Some(end);
        self.session.handle_end(end);
    }

    /// Sees to a timer at or before what is due first. One that is early is left alone: it costs
    /// one look when it fires, where moving it would cost one with every exchange.
    fn arm(&mut self, io: Io<'_>) {
        let due = match self.phase {
            Phase::Open(_) => {
                let due = self.session.poll_deadline();
                let now = io.reactor.now();
                if !self.kept_alive && due.is_none_or(|due| due > now + NEAR) {
                    self.keep_alive();
                }
                earlier(due, self.connect_by)
            }
            Phase::Connecting(ref race) => earlier(race.next_at(), self.connect_by),
            Phase::Resolving(_) | Phase::Preparing(_) => self.connect_by,
            Phase::Failed(_) | Phase::Ended => None,
        };
        let due = if self.is_ended() { None } else { earlier(due, self.total_by) };
        if let (Some((at, _)), Some(due)) = (self.timer, due)
            && at <= due
        {
            return;
        }
        let mut timers = io.reactor.timers().borrow_mut();
        if let Some((_, key)) = self.timer.take() {
            timers.cancel(key);
        }
        self.timer = due.map(|at| (at, timers.insert(at, self.token)));
    }
}

fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
