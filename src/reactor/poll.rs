//! The poll: registered descriptors, the cached time, and what is to be looked at once more.

use std::{
    cell::{Cell, RefCell},
    io,
    os::fd::{AsRawFd, RawFd},
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Registry, unix::SourceFd};

use super::{Timers, Token, clock};
use crate::sys::descriptor;

/// What a descriptor is ready for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// There may be something to read, the end of input included.
    pub readable: bool,
    /// There may be room to write.
    pub writable: bool,
    /// The peer has closed its sending side, or more: read on to the end even after a short read.
    pub read_closed: bool,
    /// An error is pending on the descriptor.
    pub error: bool,
}

/// The loop's state that needs no PHP: poll, timers, time. All methods take `&self`; none calls out.
#[derive(Debug)]
pub struct Reactor {
    poll: RefCell<Poll>,
    registry: Registry,
    events: RefCell<Events>,
    timers: RefCell<Timers>,
    again: RefCell<Vec<Token>>,
    /// Room for one turn's readiness, kept between turns.
    ready: RefCell<Vec<(Token, Ready)>>,
    now: Cell<Instant>,
}

/// Events taken from one poll.
const EVENTS: usize = 256;

impl Reactor {
    /// A reactor of this process. A child made by `fork` needs one of its own.
    ///
    /// # Errors
    /// When the system gives no more descriptors.
    pub fn new() -> io::Result<Reactor> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        Ok(Reactor {
            poll: RefCell::new(poll),
            registry,
            events: RefCell::new(Events::with_capacity(EVENTS)),
            timers: RefCell::default(),
            again: RefCell::default(),
            ready: RefCell::default(),
            now: Cell::new(clock::monotonic()),
        })
    }

    /// The time at the start of this turn's work; read from the clock once a poll.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now.get()
    }

    /// Reads the clock: for code that runs outside a turn, or after a callback that took its time.
    pub fn refresh_now(&self) -> Instant {
        let now = clock::monotonic();
        self.now.set(now);
        now
    }

    /// The timers.
    #[must_use]
    pub fn timers(&self) -> &RefCell<Timers> {
        &self.timers
    }

    /// Registers a descriptor, edge-triggered: after an event read (write) until it would block or
    /// came short, or ask for [`again`](Self::again).
    ///
    /// # Errors
    /// The system's: `EEXIST` for one that is registered, `EPERM` for a regular file.
    pub fn register(&self, fd: &impl AsRawFd, token: Token, interest: Interest) -> io::Result<()> {
        self.registry.register_raw(fd.as_raw_fd(), token, interest)
    }

    /// Changes what a registered descriptor is watched for, or re-arms it.
    ///
    /// # Errors
    /// `ENOENT` for a descriptor that is not registered.
    pub fn reregister(
        &self,
        fd: &impl AsRawFd,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        use mio::event::Source;
        SourceFd(&fd.as_raw_fd()).reregister(&self.registry, mio_token(token), interest)
    }

    /// Forgets a registered descriptor; one that is not registered is no error.
    pub fn deregister(&self, fd: &impl AsRawFd) {
        use mio::event::Source;
        let _ = SourceFd(&fd.as_raw_fd()).deregister(&self.registry);
    }

    /// The poll's own descriptor, for level-triggered registrations (`sys::level`).
    #[must_use]
    pub fn poll_fd(&self) -> RawFd {
        self.poll.borrow().as_raw_fd()
    }

    /// In a forked child, for the reactor of its parent: the poll is the parent's too, and what would
    /// be registered or forgotten here would be so there. Afterwards this reactor watches nothing.
    pub fn sever(&self) {
        let Ok(empty) = Poll::new() else { return };
        for fd in [self.poll_fd(), self.registry.as_raw_fd()] {
            // A failure leaves it as it was: there is nothing else to be done in a child.
            let _ = descriptor::duplicate_onto(&empty, fd, true);
        }
    }

    /// A waker that another thread may use; its events carry `token`.
    ///
    /// # Errors
    /// When the system gives no more descriptors.
    pub fn waker(&self, token: Token) -> io::Result<mio::Waker> {
        mio::Waker::new(&self.registry, mio_token(token))
    }

    /// Delivers `token` as readable in the next turn, which does not wait then.
    pub fn again(&self, token: Token) {
        self.again.borrow_mut().push(token);
    }

    /// Waits for readiness or the next timer, at most `limit`, and gives what is ready. A signal
    /// that interrupts the wait ends it. The list comes back through [`recycle`](Self::recycle).
    ///
    /// # Errors
    /// The system's, except an interruption.
    pub(super) fn poll(&self, limit: Option<Duration>) -> io::Result<Vec<(Token, Ready)>> {
        let mut out = self.ready.take();
        let waits = self.again.borrow().is_empty();
        let timeout = if waits { self.wait_time(limit) } else { Some(Duration::ZERO) };
        let mut events = self.events.borrow_mut();
        let polled = self.poll.borrow_mut().poll(&mut events, timeout);
        self.refresh_now();
        match polled {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => other?,
        }
        for event in events.iter() {
            let ready = Ready {
                readable: event.is_readable(),
                writable: event.is_writable(),
                read_closed: event.is_read_closed(),
                error: event.is_error(),
            };
            out.push((Token::from_bits(event.token().0 as u64), ready));
        }
        let readable = Ready { readable: true, ..Ready::default() };
        out.extend(self.again.borrow_mut().drain(..).map(|token| (token, readable)));
        Ok(out)
    }

    /// Takes back the list that `poll` gave, for its room.
    pub(super) fn recycle(&self, mut ready: Vec<(Token, Ready)>) {
        ready.clear();
        self.ready.replace(ready);
    }

    /// How long to wait so that the next timer is met: rounded up to what poll can wait, so that a
    /// timer is never polled for before it is due.
    fn wait_time(&self, limit: Option<Duration>) -> Option<Duration> {
        let until =
            self.timers.borrow().next().map(|at| at.saturating_duration_since(self.refresh_now()));
        match (until, limit) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

trait RegisterRaw {
    fn register_raw(&self, fd: RawFd, token: Token, interest: Interest) -> io::Result<()>;
}

impl RegisterRaw for Registry {
    fn register_raw(&self, fd: RawFd, token: Token, interest: Interest) -> io::Result<()> {
        use mio::event::Source;
        SourceFd(&fd).register(self, mio_token(token), interest)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "64-bit systems only: a token is one word")]
fn mio_token(token: Token) -> mio::Token {
    mio::Token(token.to_bits() as usize)
}
