//! What a program may do with a connection by its session id (PHP's `$fd`).

use std::{
    net::SocketAddr,
    time::{Duration, Instant, SystemTime},
};

use crate::{
    net::{Output, Overflow},
    reactor::{Key, wall},
};

use super::{
    connection::{Phase, Protocol},
    sessions::{Flags, Session, SessionId, Sessions},
    worker::{ExchangeId, Worker, WorkerHooks},
};

/// Why a command on a session is refused; the numbers are the classic engine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// It is being closed.
    #[error("session is closing")]
    Closing,
    /// No such session.
    #[error("session does not exist")]
    NotExist,
    /// Too much waits for its peer.
    #[error("the output buffer is full")]
    Overflow,
}

impl SessionError {
    /// What `getLastError()` gives.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            SessionError::Closing => 1003,
            SessionError::NotExist => 1005,
            SessionError::Overflow => 1008,
        }
    }
}

/// What `getClientInfo` tells.
#[derive(Clone, Copy, Debug)]
pub struct SessionInfo {
    /// The port it came in on, by its number in the server.
    pub port: u16,
    /// The peer, unless it came over a unix socket.
    pub peer: Option<SocketAddr>,
    /// The operating system's descriptor.
    pub socket_fd: i32,
    /// What PHP is told as `reactor_id`.
    pub reactor: u16,
    /// When it was accepted.
    pub connect_time: SystemTime,
    /// When something was last received.
    pub last_time: SystemTime,
    /// What `bind()` gave; 0: nothing.
    pub uid: u32,
    /// `onClose` has not been called yet.
    pub active: bool,
    /// `onClose` is running: PHP may still ask.
    pub in_close: bool,
}

impl SessionInfo {
    /// What a row says at the time `now`.
    #[must_use]
    pub fn of(session: &Session, now: Instant) -> SessionInfo {
        let wall = wall();
        let at = |then| wall - now.checked_duration_since(then).unwrap_or(Duration::ZERO);
        let (opening, flags) = (&session.opening, session.flags);
        SessionInfo {
            port: opening.port,
            peer: opening.peer,
            socket_fd: opening.descriptor,
            reactor: opening.reactor,
            connect_time: at(opening.now),
            last_time: at(session.received),
            uid: session.uid,
            active: !flags.has(Flags::CLOSING),
            in_close: flags.has(Flags::CLOSING) && !flags.has(Flags::GONE),
        }
    }
}

impl Sessions {
    /// Whether a session is open.
    #[must_use]
    pub fn exists(&self, id: SessionId) -> bool {
        self.find(id).is_some_and(|session| !session.flags.has(Flags::CLOSING))
    }
}

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// Its session.
    pub session: SessionId,
    /// The port it came in on, by its number in the server.
    pub port: u16,
    /// That port's number as PHP is told.
    pub server_port: u16,
    /// The peer, unless it came over a unix socket.
    pub peer: Option<SocketAddr>,
}

impl Worker {
    /// Queues `data` for a session's peer; it leaves at the end of the turn.
    ///
    /// # Errors
    /// [`SessionError`]; nothing was queued.
    pub fn send(&self, session: SessionId, data: &[u8]) -> Result<(), SessionError> {
        let key = self.commanded(session)?;
        {
            let mut connections = self.connections.borrow_mut();
            let connection = connections.get_mut(key).ok_or(SessionError::NotExist)?;
            if connection.phase != Phase::Open {
                return Err(SessionError::Closing);
            }
            let budget = self.config.ports.get(connection.port).socket_buffer_size;
            if !self.has_room(data.len()) {
                return Err(SessionError::Overflow);
            }
            let budget = budget.saturating_sub(connection.stream.held());
            let output = connection.stream.output();
            output.provide(&mut self.buffers.borrow_mut().spare);
            output.queue_within(data, budget).map_err(|Overflow| SessionError::Overflow)?;
            self.mark_unsent(key, connection);
        }
        Ok(())
    }

    /// Closes a session: `onClose` runs before this returns, the socket is closed when what is
    /// queued has left. With `reset` what is queued is thrown away and the socket closed at once.
    ///
    /// # Errors
    /// [`SessionError`] for one that is gone or closing.
    pub fn close(
        &self,
        session: SessionId,
        reset: bool,
        hooks: &dyn WorkerHooks,
    ) -> Result<(), SessionError> {
        let key = self.commanded(session)?;
        {
            let mut connections = self.connections.borrow_mut();
            let connection = connections.get_mut(key).ok_or(SessionError::NotExist)?;
            if connection.phase != Phase::Open {
                return Err(SessionError::Closing);
            }
            if reset {
                *connection.stream.output() = Output::default();
                connection.stream.remote().inspect(|remote| remote.close(true));
            }
        }
        self.end(key, true, hooks);
        if reset {
            self.remove(key);
        }
        Ok(())
    }

    /// Whether a session is open.
    #[must_use]
    pub fn exists(&self, session: SessionId) -> bool {
        self.sessions.exists(session)
    }

    /// What is known of a session; one that is closing is found too.
    #[must_use]
    pub fn info(&self, session: SessionId) -> Option<SessionInfo> {
        let session = self.sessions.find(session)?;
        Some(SessionInfo::of(&session, self.reactor.now()))
    }

    /// A session's row, whoever has its connection.
    #[must_use]
    pub fn row(&self, session: SessionId) -> Option<Session> {
        self.sessions.find(session)
    }

    /// What is known of the connection of an exchange, and its session.
    #[must_use]
    pub fn info_of(&self, id: ExchangeId) -> Option<(SessionId, SessionInfo)> {
        let session = self.connections.borrow().get(id.connection)?.session;
        Some((session, self.info(session)?))
    }

    /// The oldest request of a session that waits for its answer.
    #[must_use]
    pub fn exchange_of(&self, session: SessionId) -> Option<ExchangeId> {
        self.first_exchange(self.key_of(session)?)
    }

    /// The oldest request of a connection that waits for its answer.
    pub(super) fn first_exchange(&self, key: Key) -> Option<ExchangeId> {
        let connections = self.connections.borrow();
        let connection = connections.get(key)?;
        let Protocol::Http(http) = &connection.protocol else { return None };
        Some(ExchangeId { connection: key, serial: http.exchanges.first_serial()? })
    }
}
