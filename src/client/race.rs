//! Connecting to the first of several addresses that answers (happy eyeballs, RFC 8305): the next
//! one is tried when the last has failed, or has not answered for a while.

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{
    net::{ATTEMPT_DELAY, Stream, Transport},
    reactor::{Interest, Ready, Token},
    sys::errno,
};

use super::{End, Io};

/// Between attempts at a unix socket whose queue is full.
const FULL_DELAY: Duration = Duration::from_millis(10);

/// Attempts that are under way. All report as readiness of one token.
#[derive(Debug)]
pub(super) struct Race {
    attempts: Vec<Stream>,
    others: VecDeque<SocketAddr>,
    datagram: bool,
    bind: Option<SocketAddr>,
    token: Token,
    /// A unix stream whose listener takes nobody now: it does not tell when it will.
    full: Option<PathBuf>,
    /// When the next address is tried beside those under way, or the same one again.
    next_at: Option<Instant>,
    /// Why the last attempt failed.
    last: End,
}

impl Race {
    /// A race among `addresses`, of which none is tried yet: call [`advance`](Self::advance).
    pub(super) fn new(
        addresses: Vec<SocketAddr>,
        datagram: bool,
        bind: Option<SocketAddr>,
        token: Token,
    ) -> Race {
        Race {
            attempts: Vec::new(),
            others: addresses.into(),
            datagram,
            bind,
            token,
            full: None,
            next_at: None,
            last: End::Dns,
        }
    }

    /// One attempt, at a unix socket.
    pub(super) fn unix(io: Io<'_>, path: &Path, datagram: bool, token: Token) -> Result<Race, End> {
        let mut race = Race::new(Vec::new(), datagram, None, token);
        let transport =
            if datagram { Transport::UnixDatagram(path) } else { Transport::Unix(path) };
        match race.attempt(io, transport) {
            Ok(()) => Ok(race),
            Err(error) if !datagram && errno::of(&error) == errno::EAGAIN => {
                race.full = Some(path.to_owned());
                race.next_at = Some(io.reactor.now() + FULL_DELAY);
                Ok(race)
            }
            Err(error) => Err(End::Connect(errno::of(&error))),
        }
    }

    /// Starts the next attempt if none is under way, or the last has had its time.
    ///
    /// # Errors
    /// All have failed: why the last one did.
    pub(super) fn advance(&mut self, io: Io<'_>) -> Result<(), End> {
        let now = io.reactor.now();
        if let Some(path) = self.full.take() {
            if self.next_at.is_some_and(|at| at > now) {
                self.full = Some(path);
                return Ok(());
            }
            let again = Race::unix(io, &path, false, self.token)?;
            *self = again;
            return Ok(());
        }
        while self.attempts.is_empty() || self.next_at.is_some_and(|at| at <= now) {
            let Some(address) = self.others.pop_front() else {
                self.next_at = None;
                return if self.attempts.is_empty() { Err(self.last) } else { Ok(()) };
            };
            let transport =
                if self.datagram { Transport::Udp(address) } else { Transport::Tcp(address) };
            if let Err(error) = self.attempt(io, transport) {
                self.last = End::Connect(errno::of(&error));
                continue;
            }
            self.next_at = (!self.others.is_empty()).then(|| now + ATTEMPT_DELAY);
        }
        Ok(())
    }

    /// When [`advance`](Self::advance) is due even if nothing happens.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.next_at
    }

    /// The youngest attempt's stream.
    pub(super) fn stream(&self) -> Option<&Stream> {
        self.attempts.last()
    }

    /// `ready` came for one of the attempts. Gives the stream that stands first; the others are closed then.
    ///
    /// # Errors
    /// As of [`advance`](Self::advance).
    pub(super) fn handle_ready(&mut self, io: Io<'_>, ready: Ready) -> Result<Option<Stream>, End> {
        // It is the only one's, and says all: no need to ask the system.
        if self.attempts.len() == 1 && ready.writable && !ready.error && !ready.read_closed {
            let winner = self.attempts.pop();
            self.discard(io);
            return Ok(winner);
        }
        let mut at = 0;
        while let Some(stream) = self.attempts.get(at) {
            match stream.connect_result() {
                Ok(false) => at += 1,
                Ok(true) => {
                    let winner = self.attempts.swap_remove(at);
                    self.discard(io);
                    return Ok(Some(winner));
                }
                Err(error) => {
                    self.last = End::Connect(errno::of(&error));
                    io.reactor.deregister(stream);
                    self.attempts.remove(at);
                }
            }
        }
        self.advance(io)?;
        Ok(None)
    }

    /// Gives up.
    pub(super) fn discard(&mut self, io: Io<'_>) {
        for stream in self.attempts.drain(..) {
            io.reactor.deregister(&stream);
        }
        self.others.clear();
        self.full = None;
        self.next_at = None;
    }

    fn attempt(&mut self, io: Io<'_>, transport: Transport<'_>) -> io::Result<()> {
        let stream = Stream::connect(transport, self.bind)?;
        io.reactor.register(&stream, self.token, Interest::READABLE | Interest::WRITABLE)?;
        self.attempts.push(stream);
        Ok(())
    }
}
