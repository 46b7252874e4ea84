use std::{
    cell::Cell,
    ops::Deref,
    time::{Duration, Instant},
};

use socket2::Socket;

use crate::{reactor::monotonic, sys};

/// A blocking socket with the timeout of each call, and a point in time after which there is none.
#[derive(Debug)]
pub(super) struct Bounded {
    socket: Socket,
    timeout: Cell<Option<Duration>>,
    until: Cell<Option<Instant>>,
}

impl Bounded {
    /// A socket on which `timeout` is set.
    pub(super) fn new(socket: Socket, timeout: Option<Duration>) -> Bounded {
        Bounded { socket, timeout: Cell::new(timeout), until: Cell::new(None) }
    }

    /// Bounds each call from now on.
    pub(super) fn set_timeout(&self, timeout: Option<Duration>) {
        // A point in time has set others since.
        if self.timeout.replace(timeout) != timeout || self.until.get().is_some() {
            self.apply(timeout);
        }
    }

    pub(super) fn set_end(&self, until: Option<Instant>) {
        if self.until.replace(until).is_some() && until.is_none() {
            self.apply(self.timeout.get());
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.until.get().is_some_and(|until| until <= monotonic())
    }

    /// To be asked before each call that may wait.
    ///
    /// # Errors
    /// ETIMEDOUT: the end has come.
    pub(super) fn bound(&self) -> Result<(), i32> {
        let Some(until) = self.until.get() else { return Ok(()) };
        let left = until.saturating_duration_since(monotonic());
        if left.is_zero() {
            return Err(sys::errno::ETIMEDOUT);
        }
        self.apply(Some(self.timeout.get().map_or(left, |timeout| timeout.min(left))));
        Ok(())
    }

    fn apply(&self, timeout: Option<Duration>) {
        let _ = self.socket.set_write_timeout(timeout);
        let _ = self.socket.set_read_timeout(timeout);
    }
}

impl Deref for Bounded {
    type Target = Socket;

    fn deref(&self) -> &Socket {
        &self.socket
    }
}
