//! What a program may do with a connection beside sending and closing: send files; and, where the worker has
//! the socket itself, hold input back and wait until all is sent.

use std::{fs::File, io, time::Duration};

use bytes::Bytes;

use crate::{
    reactor::{Key, Source, Token},
    sys::descriptor::{self, Events},
};

use super::{
    commands::SessionError,
    connection::{Connection, Phase},
    sessions::SessionId,
    worker::{Worker, WorkerHooks},
};

/// How long `send_wait` lets a peer take nothing.
const PATIENCE: Duration = Duration::from_secs(60);

impl Worker {
    /// Stops reading from a session.
    ///
    /// # Errors
    /// [`SessionError`]
    pub fn pause(&self, session: SessionId) -> Result<(), SessionError> {
        self.with_open(session, |_, connection| {
            connection.paused = true;
            connection.stream.remote().inspect(|remote| remote.read(false));
        })
    }

    /// Reads again.
    ///
    /// # Errors
    /// [`SessionError`]
    pub fn resume(&self, session: SessionId) -> Result<(), SessionError> {
        self.with_open(session, |key, connection| {
            connection.paused = false;
            connection.stream.remote().inspect(|remote| remote.read(true));
            self.reactor.again(Token::new(Source::Conn, key));
        })
    }

    /// Begins to read from a session that waits for it (`enable_delay_receive`). `Ok(false)`: it did
    /// not wait.
    ///
    /// # Errors
    /// [`SessionError`]
    pub fn confirm(&self, session: SessionId) -> Result<bool, SessionError> {
        self.with_open(session, |key, connection| {
            self.reactor.again(Token::new(Source::Conn, key));
            connection.stream.remote().inspect(|remote| remote.read(true));
            std::mem::take(&mut connection.unconfirmed)
        })
    }

    /// Queues `length` bytes of a file from `offset` on, behind what is queued.
    ///
    /// # Errors
    /// [`SessionError`]
    pub fn send_file(
        &self,
        session: SessionId,
        file: File,
        offset: u64,
        length: u64,
    ) -> Result<(), SessionError> {
        self.with_open(session, |key, connection| {
            connection.stream.output().queue_file(file, offset, length);
            self.mark_unsent(key, connection);
        })
    }

    /// Sends `data`, and what is queued before it, before it returns. A peer that takes nothing for a
    /// minute is closed by a reset: nobody could say how much it got.
    ///
    /// # Errors
    /// [`SessionError`]
    pub fn send_wait(
        &self,
        session: SessionId,
        data: &[u8],
        hooks: &dyn WorkerHooks,
    ) -> Result<(), SessionError> {
        let (key, sent) = self.with_open(session, |key, connection| {
            connection.stream.output().queue(Bytes::copy_from_slice(data));
            let sent = self.flush_waiting(connection);
            self.mark_unsent(key, connection);
            (key, sent)
        })?;
        if sent.is_err() {
            self.end(key, false, hooks);
            return Err(SessionError::NotExist);
        }
        Ok(())
    }

    fn flush_waiting(&self, connection: &mut Connection) -> io::Result<()> {
        let writable = Events { read: false, write: true, error: false };
        while !connection.stream.flush(&mut self.buffers.borrow_mut().spare)? {
            match descriptor::poll_one(&connection.stream, writable, Some(PATIENCE)) {
                Ok(ready) if ready.write => {}
                Ok(_) => return Err(io::ErrorKind::TimedOut.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn with_open<R>(
        &self,
        session: SessionId,
        act: impl FnOnce(Key, &mut Connection) -> R,
    ) -> Result<R, SessionError> {
        let key = self.commanded(session)?;
        let mut connections = self.connections.borrow_mut();
        let connection = connections.get_mut(key).ok_or(SessionError::NotExist)?;
        if connection.phase != Phase::Open {
            return Err(SessionError::Closing);
        }
        Ok(act(key, connection))
    }
}
