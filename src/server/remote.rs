//! A worker whose connections are with the I/O threads: takes in what they send.

use std::io;

use bytes::Bytes;

use super::{
    commands::SessionError,
    connection::{Connection, Protocol},
    gate::{Down, Opening, Remote, Told, Uplink},
    link::Link,
    sessions::{Flags, SessionId},
    worker::{Worker, WorkerHooks},
};
use crate::reactor::{Interest, Key, Source, Token};

/// Tokens of links are those of listeners from this number on.
const LINES: u32 = 1 << 24;

impl Worker {
    /// Serves what comes over `uplink` too.
    ///
    /// # Errors
    /// When a link can not be registered.
    pub fn attach(&self, uplink: Uplink) -> io::Result<()> {
        for (number, line) in (LINES..).zip(uplink.lines()) {
            let token = Token::new(Source::Listener, Key::fixed(number));
            self.reactor.register(&**line, token, Interest::READABLE | Interest::WRITABLE)?;
        }
        self.uplink.replace(Some(std::rc::Rc::new(uplink)));
        Ok(())
    }

    /// Whether I/O threads have the connections.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        self.uplink.borrow().is_some()
    }

    /// What PHP is told as `reactor_id`: the thread that has the connection, or this worker.
    #[must_use]
    pub fn reactor_of(&self, session: SessionId) -> u16 {
        let row = if self.is_remote() { self.sessions.find(session) } else { None };
        row.map_or(self.config.worker_id, |row| row.opening.reactor)
    }

    /// Takes in what an I/O thread has sent, if the token is a link's.
    pub(super) fn handle_line(&self, token: Token, hooks: &dyn WorkerHooks) -> bool {
        let Some(uplink) = self.uplink.borrow().clone() else { return false };
        let number = token.key().index().checked_sub(LINES).map(|number| number as usize);
        let Some((number, line)) = number.and_then(|n| Some((n, uplink.lines().get(n)?))) else {
            return false;
        };
        let received = line.receive();
        while !hooks.stopped()
            && let Some(frame) = line.next()
        {
            self.handle_frame(number, frame, hooks);
            line.done();
        }
        match received {
            Ok(false) => {}
            Ok(true) => self.reactor.again(token),
            Err(_) => line.close(),
        }
        self.close_when_left();
        true
    }

    /// Sends what was queued for the I/O threads, and lets output go on that there was no room for.
    pub(super) fn flush_lines(&self) {
        let Some(uplink) = self.uplink.borrow().clone() else { return };
        uplink.flush();
        for session in uplink.let_go() {
            let Some(key) = self.remote_key(session) else { continue };
            if let Some(connection) = self.connections.borrow_mut().get_mut(key) {
                connection.stream.remote_mut().map(Remote::let_go);
                self.mark_unsent(key, connection);
            }
        }
    }

    /// The connection that a command is for. One that another worker serves too is taken up, for an
    /// I/O thread takes output from every worker.
    pub(super) fn commanded(&self, session: SessionId) -> Result<Key, SessionError> {
        if let Some(key) = self.key_of(session) {
            return Ok(key);
        }
        let Some(uplink) = self.uplink.borrow().clone() else { return Err(SessionError::NotExist) };
        let row = self.sessions.find(session).ok_or(SessionError::NotExist)?;
        if row.flags.has(Flags::CLOSING) {
            return Err(SessionError::Closing);
        }
        let opening = Opening {
            is_new: false,
            is_shared: uplink.is_shared(),
            reactor_id: row.opening.reactor,
            listener: row.opening.port,
            peer: row.opening.peer,
        };
        let line = usize::from(row.opening.reactor);
        self.enter_remote(&uplink, line, session, opening).ok_or(SessionError::NotExist)
    }

    /// The key of a session whose connection an I/O thread has.
    pub(super) fn remote_key(&self, session: SessionId) -> Option<Key> {
        self.uplink.borrow().as_ref()?.keys.borrow().get(&session).copied()
    }

    /// A connection that an I/O thread has is done with.
    pub(super) fn forget_remote(&self, connection: &Connection) {
        if let Some(remote) = connection.stream.remote() {
            let whole = connection.at_end && connection.stream.is_flushed();
            remote.close(!whole);
        }
        if let Some(uplink) = &*self.uplink.borrow() {
            uplink.keys.borrow_mut().remove(&connection.session);
        }
    }

    /// A worker on its way out with its server closes what is idle, once nothing more comes.
    pub(super) fn close_when_left(&self) {
        let left = self.uplink.borrow().as_ref().is_some_and(|uplink| uplink.has_left_for_good());
        if left && !self.closing_idle.replace(true) {
            self.retiring.set(true);
            for key in self.connections.borrow().keys() {
                self.reactor.again(Token::new(Source::Conn, key));
            }
        }
    }

    fn handle_frame(&self, line: usize, frame: Down, hooks: &dyn WorkerHooks) {
        match frame {
            Down::Open { session, opening } => self.open_remote(line, session, opening, hooks),
            Down::Data { session, bytes } => self.deliver(session, &bytes, hooks),
            Down::Ended { session } => {
                let Some(key) = self.remote_key(session) else { return };
                if let Some(connection) = self.connections.borrow_mut().get_mut(key) {
                    connection.read_closed = true;
                    connection.stream.remote().inspect(|remote| remote.end_input());
                }
                self.advance(key, hooks);
            }
            Down::Gone { session, told } => {
                let Some(key) = self.remote_key(session) else { return };
                if let Some(connection) = self.connections.borrow().get(key) {
                    connection.stream.remote().inspect(|remote| remote.forget());
                }
                match told {
                    Told::Nothing => {}
                    Told::ByPeer => self.end(key, false, hooks),
                    Told::ByServer => {
                        self.begin_close(key, true, hooks);
                    }
                }
                self.remove(key);
            }
            Down::Taken { session, bytes } => {
                let Some(key) = self.remote_key(session) else { return };
                if let Some(connection) = self.connections.borrow_mut().get_mut(key) {
                    connection.progressed = true;
                    if let Some(remote) = connection.stream.remote_mut() {
                        remote.taken(bytes);
                    }
                    if connection.stream.is_flushed() {
                        return self.watch_marks(connection);
                    }
                    self.mark_unsent(key, connection);
                }
            }
            Down::Left => {
                if let Some(uplink) = &*self.uplink.borrow() {
                    uplink.lines().get(line).inspect(|line| line.close());
                }
            }
        }
    }

    fn deliver(&self, session: SessionId, bytes: &Bytes, hooks: &dyn WorkerHooks) {
        let Some(key) = self.remote_key(session) else { return };
        let discards = self.uplink.borrow().as_ref().is_some_and(|uplink| uplink.discards());
        if discards && !self.sessions.exists(session) {
            return;
        }
        if let Some(connection) = self.connections.borrow_mut().get_mut(key) {
            if connection.input.is_empty() {
                // As if just received: `advance` begins with what lies there.
                self.buffers.borrow_mut().lay_input(bytes);
            } else {
                connection.input.extend_from_slice(bytes);
            }
        }
        self.advance(key, hooks);
    }

    fn open_remote(
        &self,
        line: usize,
        session: SessionId,
        opening: Opening,
        hooks: &dyn WorkerHooks,
    ) {
        let Some(uplink) = self.uplink.borrow().clone() else { return };
        if uplink.keys.borrow().contains_key(&session) {
            return;
        }
        if self.enter_remote(&uplink, line, session, opening).is_some() && opening.is_new {
            hooks.on_connect(session, opening.listener);
        }
    }

    fn enter_remote(
        &self,
        uplink: &Uplink,
        line: usize,
        session: SessionId,
        opening: Opening,
    ) -> Option<Key> {
        let mut remote = uplink.remote(line, session, opening.is_shared)?;
        let protocol = Protocol::of(self.config.ports.get(opening.listener));
        remote.speak(matches!(protocol, Protocol::Http(_)));
        // The row is the thread's: nothing is written to it by place here.
        let stream = Link::Remote(remote);
        let connection = Connection {
            session,
            unconfirmed: self.config.delay_receive && opening.is_new,
            ..Connection::new(stream, protocol, opening.listener, opening.peer)
        };
        let key = self.connections.borrow_mut().insert(Box::new(connection));
        uplink.keys.borrow_mut().insert(session, key);
        Some(key)
    }
}
