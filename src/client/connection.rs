//! One connection of a client, from the name to the end: resolve, connect, run a session.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io,
    net::SocketAddr,
    os::fd::{AsRawFd, RawFd},
    time::{Duration, Instant},
};

use bytes::BytesMut;

use crate::{
    net::{Address, Answer, Buffers, Resolver, Stream, Ticket, Transport},
    reactor::{Interest, Reactor, Ready, TimerKey, Token},
    sys::errno,
};

use super::{End, Session};

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

/// How a connection is made.
#[derive(Clone, Debug)]
pub struct Target {
    /// Whom to reach.
    pub address: Address,
    /// How long resolving and connecting may take together. `None`: as long as the system lets it.
    pub timeout: Option<Duration>,
    /// The local address to connect from.
    pub bind: Option<SocketAddr>,
    /// Whether small segments leave at once (TCP_NODELAY).
    pub nodelay: bool,
    /// A datagram socket that is connected to its peer: UDP, or a unix one.
    pub datagram: bool,
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
    connect_by: Option<Instant>,
    stood: bool,
    ended: Option<End>,
    timer: Option<(Instant, TimerKey)>,
    /// Nothing is read.
    paused: bool,
}

#[derive(Debug)]
enum Phase {
    Resolving(Ticket),
    Connecting {
        stream: Stream,
        others: VecDeque<SocketAddr>,
    },
    /// Failed before there was anything to wait for; the loop is told in its next turn.
    Failed(End),
    Open(Stream),
    Ended,
}

/// Bytes received at most in one turn and connection.
const RECEIVE: usize = 64 * 1024;
/// Pieces of output sent at most in one turn and connection.
const PIECES: usize = 8;
/// TCP keepalive of every client: idle 60 s, then 3 probes 10 s apart (contract A9).
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(60), Duration::from_secs(10), 3);

impl<S: Session> Connection<S> {
    /// Starts connecting. Whatever goes wrong, at once or later, comes from the loop: as a
    /// readiness event of `token`, an answer of the resolver, or a timer.
    pub fn start(io: Io<'_>, session: S, target: Target, token: Token) -> Connection<S> {
        let now = io.reactor.refresh_now();
        let connect_by = target.timeout.map(|timeout| now + timeout);
        let mut connection = Connection {
            session,
            token,
            target,
            phase: Phase::Ended,
            input: BytesMut::new(),
            read_closed: false,
            broken: None,
            connect_by,
            stood: false,
            ended: None,
            timer: None,
            paused: false,
        };
        match connection.target.address.clone() {
            Address::Ip(address) => connection.connect(io, VecDeque::from([address])),
            Address::Unix(path) => {
                let transport = if connection.target.datagram {
                    Transport::UnixDatagram(&path)
                } else {
                    Transport::Unix(&path)
                };
                let stream = Stream::connect(transport, None);
                match stream.and_then(|stream| register(io, stream, token)) {
                    Ok(stream) => {
                        let others = VecDeque::new();
                        connection.phase = Phase::Connecting { stream, others };
                    }
                    Err(error) => connection.fail(io, End::Connect(errno::of(&error))),
                }
            }
            Address::Name(host, port) => {
                let asked = io.resolver.borrow_mut().resolve(token, &host, port);
                match asked {
                    Ok(ticket) => connection.phase = Phase::Resolving(ticket),
                    Err(_) => connection.fail(io, End::Dns),
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

    /// Bytes that wait in the socket's output queue.
    pub fn queued(&mut self) -> usize {
        match &mut self.phase {
            Phase::Open(stream) => stream.output().len(),
            Phase::Resolving(_) | Phase::Connecting { .. } | Phase::Failed(_) | Phase::Ended => 0,
        }
    }

    /// The stream, once there is one.
    #[must_use]
    pub fn stream(&self) -> Option<&Stream> {
        match &self.phase {
            Phase::Open(stream) | Phase::Connecting { stream, .. } => Some(stream),
            Phase::Resolving(_) | Phase::Failed(_) | Phase::Ended => None,
        }
    }

    /// The connection's descriptor is ready, or it asked to be looked at again.
    pub fn handle_ready(&mut self, io: Io<'_>, ready: Ready) {
        if let Phase::Failed(end) = self.phase {
            return self.end(io, end);
        }
        if matches!(self.phase, Phase::Connecting { .. }) {
            self.check_connect(io);
        }
        // What a refused address said must not stick to the connection to the next one.
        if self.is_open() {
            // A datagram socket has no end: its errors are of single datagrams.
            self.read_closed |= !self.target.datagram && (ready.read_closed || ready.error);
            if self.paused {
                return;
            }
            if self.target.datagram {
                self.receive_datagram(io);
            } else if ready.readable || self.read_closed {
                self.receive(io);
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
                self.connect(io, addresses.into());
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
        match self.phase {
            Phase::Open(_) => {
                if self.session.poll_deadline().is_some_and(|at| at <= now) {
                    self.session.handle_timeout(now);
                }
            }
            Phase::Resolving(_) | Phase::Connecting { .. } => {
                if self.connect_by.is_some_and(|at| at <= now) {
                    self.end(io, End::Deadline);
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
        if let Phase::Open(_) = self.phase {
            let _ = self.flush(io);
        }
        self.end(io, end);
    }

    /// Has the session look again at the input that it left, after an answer that it waited for.
    pub fn resume_input(&mut self, io: Io<'_>) {
        if self.is_open() && !self.input.is_empty() {
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
        if let Phase::Open(stream) = &mut self.phase {
            self.session.poll_output(stream.output().tail());
            stream.output().queue_file(file, offset, length);
        }
    }

    /// Sends one datagram.
    ///
    /// # Errors
    /// The errno: `EAGAIN` when the system takes none now, `EMSGSIZE` for one that is too long.
    pub fn send_datagram(&self, data: &[u8]) -> Result<(), i32> {
        let Phase::Open(stream) = &self.phase else { return Err(errno::ENOTCONN) };
        stream.send_datagram(data).map_err(|error| errno::of(&error))
    }

    /// Ends one side: what was sent before leaves first.
    ///
    /// # Errors
    /// The system's.
    pub fn shutdown(&mut self, io: Io<'_>, how: std::net::Shutdown) -> io::Result<()> {
        if how != std::net::Shutdown::Read {
            self.flush(io)?;
        }
        match &self.phase {
            Phase::Open(stream) => stream.socket().shutdown(how),
            Phase::Resolving(_) | Phase::Connecting { .. } | Phase::Failed(_) | Phase::Ended => {
                Err(io::Error::from_raw_os_error(errno::ENOTCONN))
            }
        }
    }

    /// Ends the connection without an event: own close before it stood, or the loop's end.
    pub fn discard(&mut self, io: Io<'_>) {
        if let Phase::Resolving(ticket) = self.phase {
            io.resolver.borrow_mut().cancel(ticket);
        }
        if let Some(stream) = self.stream() {
            io.reactor.deregister(stream);
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
    fn connect(&mut self, io: Io<'_>, mut addresses: VecDeque<SocketAddr>) {
        let mut end = End::Dns;
        while let Some(address) = addresses.pop_front() {
            let transport = if self.target.datagram {
                Transport::Udp(address)
            } else {
                Transport::Tcp(address)
            };
            let stream = Stream::connect(transport, self.target.bind)
                .and_then(|stream| register(io, stream, self.token));
            match stream {
                Ok(stream) => {
                    self.phase = Phase::Connecting { stream, others: addresses };
                    return;
                }
                Err(error) => end = End::Connect(errno::of(&error)),
            }
        }
        self.fail(io, end);
    }

    fn check_connect(&mut self, io: Io<'_>) {
        let Phase::Connecting { stream, others } = &mut self.phase else { return };
        match stream.connect_result() {
            Ok(false) => {}
            Ok(true) => {
                let Phase::Connecting { stream, .. } =
                    std::mem::replace(&mut self.phase, Phase::Ended)
                else {
                    return;
                };
                self.set_options(&stream);
                self.phase = Phase::Open(stream);
                self.stood = true;
                self.connect_by = None;
                self.session.handle_connected(io.reactor.now());
            }
            Err(error) => {
                let errno = errno::of(&error);
                let others = std::mem::take(others);
                io.reactor.deregister(stream);
                if others.is_empty() {
                    return self.end(io, End::Connect(errno));
                }
                self.connect(io, others);
                if let Phase::Failed(end) = self.phase {
                    self.end(io, end);
                }
            }
        }
    }

    /// Options that matter but whose failure does not break the connection.
    fn set_options(&self, stream: &Stream) {
        if stream.peer_address().is_none() {
            return;
        }
        let (idle, interval, probes) = KEEPALIVE;
        let keepalive = socket2::TcpKeepalive::new()
            .with_time(idle)
            .with_interval(interval)
            .with_retries(probes);
        let _ = stream.socket().set_tcp_keepalive(&keepalive);
        if self.target.nodelay {
            let _ = stream.socket().set_tcp_nodelay(true);
        }
    }

    fn receive(&mut self, io: Io<'_>) {
        let Phase::Open(stream) = &self.phase else { return };
        let now = io.reactor.now();
        let received = if self.input.is_empty() {
            let mut shared = std::mem::take(&mut io.buffers.borrow_mut().input);
            let received = stream.receive(&mut shared, RECEIVE);
            if matches!(received, Ok(Some(received)) if received.bytes > 0) {
                self.session.handle_input(&mut shared, now);
                if !shared.is_empty() {
                    self.input.extend_from_slice(&shared);
                    shared.clear();
                }
            }
            io.buffers.borrow_mut().input = shared;
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
        match (received, self.broken) {
            (Ok(None), None) => {}
            (Ok(None), Some(errno)) => self.end(io, End::Reset(errno)),
            (Ok(Some(received)), broken) if received.bytes == 0 => self.end(
                io,
                match broken {
                    // The failed send has used the error up.
                    Some(errno::ECONNRESET) => End::Reset(errno::ECONNRESET),
                    Some(_) | None => End::Peer,
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
        let Phase::Open(stream) = &self.phase else { return };
        let mut shared = std::mem::take(&mut io.buffers.borrow_mut().input);
        match stream.receive(&mut shared, RECEIVE) {
            Ok(None) => {}
            Ok(Some(_)) => {
                self.session.handle_input(&mut shared, io.reactor.now());
                io.reactor.again(self.token);
            }
            // What became of an earlier datagram (nobody listens there) ends nothing.
            Err(_) => io.reactor.again(self.token),
        }
        shared.clear();
        io.buffers.borrow_mut().input = shared;
    }

    fn flush(&mut self, io: Io<'_>) -> io::Result<()> {
        let Phase::Open(stream) = &mut self.phase else { return Ok(()) };
        let spare = &mut io.buffers.borrow_mut().spare;
        for _ in 0..PIECES {
            stream.output().provide(spare);
            self.session.poll_output(stream.output().tail());
            let gone = stream.flush(spare)?;
            self.session.handle_flushed(stream.output().len());
            if !gone || !self.session.has_output() {
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
            Phase::Open(_) => self.session.poll_deadline(),
            Phase::Resolving(_) | Phase::Connecting { .. } => self.connect_by,
            Phase::Failed(_) | Phase::Ended => None,
        };
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

fn register(io: Io<'_>, stream: Stream, token: Token) -> io::Result<Stream> {
    io.reactor.register(&stream, token, Interest::READABLE | Interest::WRITABLE)?;
    Ok(stream)
}
