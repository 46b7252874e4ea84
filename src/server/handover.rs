//! Connections go from a worker to the next one in its place: those of HTTP that are between two
//! exchanges, with what has come of the next request. Session, port, peer and times stay as they are in
//! the table of all sessions; nobody is told of a close or a connect.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use bytes::BytesMut;
use socket2::Socket;

use crate::{
    net::Stream,
    reactor::{Interest, Key, Source, Token},
};

use super::{
    connection::{Connection, Phase, Protocol},
    link::Link,
    sessions::{Flags, SessionId},
    worker::{Worker, WorkerHooks},
};

/// A connection on its way.
#[derive(Debug)]
pub struct Parcel {
    /// Whose.
    pub session: SessionId,
    /// How it stands.
    pub flags: u8,
    /// Its socket; `None` at its destination when it was lost on the way.
    pub socket: Option<OwnedFd>,
    /// Input that was not handled.
    pub input: BytesMut,
}

/// Nothing is read from it for now (`pause`).
const PAUSED: u8 = 1;
/// Nothing is read from it before `confirm`.
const UNCONFIRMED: u8 = 2;
/// The input begins with a head that was read: what it asked for (`100 Continue`) was done.
const IN_BODY: u8 = 4;

impl Worker {
    /// From now on every HTTP connection is given away as soon as it is between two exchanges; none
    /// begins another exchange here.
    pub(super) fn begin_to_give(&self) {
        self.giving.set(true);
        self.movable.replace(self.connections.borrow().keys());
        self.give_soon();
    }

    /// Whether nothing more is read from it here, for it will go.
    pub(super) fn holds_back(&self, connection: &Connection) -> bool {
        self.giving.get() && connection.will_move()
    }

    /// Whether [`give_away`](Self::give_away) may have something to do.
    #[must_use]
    pub fn has_to_give(&self) -> bool {
        self.giving.get() && !self.movable.borrow().is_empty()
    }

    /// Gives away what is ready: once a turn, after the flush. What cannot go now is tried again.
    pub fn give_away(&self, hooks: &dyn WorkerHooks) {
        // A turn that is on the stack may hold input of its connection.
        if !self.giving.get() || self.advancing.get().is_some() {
            return;
        }
        for key in self.movable.take() {
            if !self.give(key, hooks) {
                self.movable.borrow_mut().push(key);
                self.give_later();
            }
        }
    }

    /// Gives away all that can go: at the end of a process whose place another one takes.
    pub fn give_all_away(&self, hooks: &dyn WorkerHooks) {
        let keys = self.connections.borrow().keys();
        for key in keys {
            self.give(key, hooks);
        }
    }

    /// Connections that were given away so far.
    #[must_use]
    pub fn given_away(&self) -> u64 {
        self.given.get()
    }

    /// Takes in a connection that another worker has given away. One whose socket was lost on the way
    /// has ended: `onClose` runs.
    pub fn take_over(&self, parcel: Parcel, hooks: &dyn WorkerHooks) {
        let Parcel { session, flags, socket, input } = parcel;
        let Some(row) = self.sessions.find(session) else { return };
        let Some(place) = self.sessions.place_of(session) else { return };
        let (port, peer) = (row.opening.port, row.opening.peer);
        let has_input = !input.is_empty();
        self.counters.accepted();
        let taken = socket.and_then(|socket| {
            let stream = Link::Own(Stream::from_connected(Socket::from(socket)));
            let protocol = Protocol::of(self.config.ports.get(port));
            let mut connection = Connection {
                session,
                place,
                input,
                paused: flags & PAUSED != 0,
                unconfirmed: flags & UNCONFIRMED != 0,
                ..Connection::new(stream, protocol, port, peer)
            };
            if flags & IN_BODY != 0 {
                self.resume_body(&mut connection);
            }
            self.count(&mut connection);
            self.enter_again(connection)
        });
        let Some(key) = taken else {
            self.sessions.mark(session, Flags::CLOSING, true);
            if !hooks.stopped() {
                hooks.on_close(session, port, false);
            }
            self.counters.closed();
            return self.sessions.close(session, place);
        };
        self.watch_progress();
        if has_input || self.closing_idle.get() {
            self.reactor.again(Token::new(Source::Conn, key));
        }
        if self.giving.get() {
            self.movable.borrow_mut().push(key);
        }
    }

    /// Connections that were given away have found no room on their way: they have ended, and nobody
    /// will say so any more.
    pub fn lose(&self, sessions: &[u64]) {
        for session in sessions.iter().filter_map(|session| SessionId::try_from(*session).ok()) {
            if let Some(place) = self.sessions.place_of(session) {
                self.sessions.close(session, place);
                self.counters.accepted();
                self.counters.closed();
            }
        }
    }

    /// Ends what is left and owes no answer, when there is no more time: `onClose` runs.
    pub fn end_rest(&self, hooks: &dyn WorkerHooks) {
        let keys = self.connections.borrow().keys();
        for key in keys {
            let ends =
                self.connections.borrow().get(key).is_some_and(|connection| {
                    connection.phase == Phase::Open && !connection.owes()
                });
            if ends && !hooks.stopped() {
                self.cut.set(self.cut.get() + 1);
                self.end(key, true, hooks);
            }
        }
    }

    /// Connections that this worker closes because it ends.
    #[must_use]
    pub fn cut(&self) -> u64 {
        let connections = self.connections.borrow();
        let open = connections.iter().filter(|(_, connection)| connection.phase == Phase::Open);
        self.cut.get() + open.count() as u64
    }

    /// Registers a connection again, as this process's.
    fn enter_again(&self, connection: Connection) -> Option<Key> {
        let (owner, session) = (self.config.owner, connection.session);
        let socket = connection.stream.as_raw_fd();
        let key = self.connections.borrow_mut().insert(Box::new(connection));
        let token = Token::new(Source::Conn, key);
        let interest = Interest::READABLE | Interest::WRITABLE;
        let entered = self.connections.borrow().get(key).is_some_and(|connection| {
            self.reactor.register(&connection.stream, token, interest).is_ok()
        });
        if entered && self.sessions.adopt(session, owner, self.pid, socket, token.to_bits()) {
            return Some(key);
        }
        let connection = self.connections.borrow_mut().remove(key)?;
        self.uncount(&connection);
        self.reactor.deregister(&connection.stream);
        None
    }

    /// Reads what the one before has read of a request whose body is still coming.
    fn resume_body(&self, connection: &mut Connection) {
        let limits = &self.config.ports.get(connection.port).limits;
        if let Protocol::Http(http) = &mut connection.protocol {
            // What is wrong with it was found before.
            let _ = http.decoder.decode(&mut connection.input, limits);
            let _ = http.decoder.poll_continue();
        }
    }

    /// `false`: it can go, but not now.
    fn give(&self, key: Key, hooks: &dyn WorkerHooks) -> bool {
        let parcel = self.connections.borrow().get(key).and_then(|connection| connection.pack());
        let Some(parcel) = parcel else { return true };
        let (session, bits) = (parcel.session, Token::new(Source::Conn, key).to_bits());
        let Some(place) = self.sessions.place_of(session) else { return true };
        // Before it is under way: it may arrive at once.
        self.sessions.release(place);
        let posted = parcel.socket.is_some() && hooks.give_away(parcel);
        let mut connections = self.connections.borrow_mut();
        if !posted {
            if let Some(connection) = connections.get(key) {
                let socket = connection.stream.as_raw_fd();
                self.sessions.adopt(session, self.config.owner, self.pid, socket, bits);
            }
            return false;
        }
        let Some(connection) = connections.remove(key) else { return true };
        self.uncount(&connection);
        self.reactor.deregister(&connection.stream);
        self.counters.moved();
        self.given.set(self.given.get() + 1);
        true
    }
}

impl Connection {
    /// Whether it goes to the next worker when the exchange that it is in is over.
    fn will_move(&self) -> bool {
        matches!((&self.stream, &self.protocol), (Link::Own(_), Protocol::Http(_)))
            && self.phase == Phase::Open
            && !(self.at_end || self.read_closed)
    }

    /// What another worker needs to go on with it; `None` while something is owed to its peer or waits
    /// to be sent.
    fn pack(&self) -> Option<Parcel> {
        let (Link::Own(stream), Protocol::Http(http)) = (&self.stream, &self.protocol) else {
            return None;
        };
        let is_between = http.exchanges.is_empty() && stream.is_flushed() && !http.last;
        if !self.will_move() || !is_between {
            return None;
        }
        let flag = |on: bool, flag: u8| if on { flag } else { 0 };
        let mut input = BytesMut::from(&http.decoder.spell()[..]);
        input.extend_from_slice(&self.input);
        Some(Parcel {
            session: self.session,
            flags: flag(self.paused, PAUSED)
                | flag(self.unconfirmed, UNCONFIRMED)
                | flag(http.decoder.is_in_body(), IN_BODY),
            socket: stream.as_fd().try_clone_to_owned().ok(),
            input,
        })
    }
}
