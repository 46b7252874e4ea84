//! The connections of one worker: accepts them, is told of their readiness, and ends them.
//!
//! No borrow is open while a hook runs: its PHP callback may send, close, answer or stop anything.
//! After each hook the connection is looked up again, for it may be gone.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    io,
    net::SocketAddr,
    os::fd::{AsRawFd, OwnedFd, RawFd},
    rc::Rc,
    time::Duration,
};

use socket2::Socket;

use crate::{
    net::{Buffers, Stream},
    proto::{
        framing::FramingError,
        http1::{HeadMemo, Request},
    },
    reactor::{Arena, Interest, Key, Reactor, Ready, Source, TimerKey, Token},
    sys::{
        self, errno,
        process::{self, Pid},
    },
};

use super::{
    answer::Date,
    budget::Mark,
    commands::Origin,
    connection::{Connection, Phase, Protocol},
    exchange::Serial,
    gate::{Remote, Uplink},
    handover::Parcel,
    link::Link,
    listen::{SocketKind, WorkerListener},
    port::{PacketSender, Ports},
    sessions::{Flags, Opening, SessionId, Sessions},
    stats::Row,
    turn::Sent,
    watch::WatchConfig,
};

/// What a worker tells of its connections. Each may call anything of the worker.
pub trait WorkerHooks {
    /// A connection was accepted on a port.
    fn on_connect(&self, session: SessionId, port: u16);
    /// Bytes arrived on a raw connection, or a packet.
    fn on_receive(&self, session: SessionId, port: u16, data: &[u8]);
    /// How long is the packet that begins like `head`? 0: it takes more bytes to say; negative: this
    /// is none. Only where the port's rule is to ask.
    fn package_length(&self, session: SessionId, port: u16, head: &[u8]) -> i64 {
        let _ = (session, port, head);
        -1
    }
    /// The peer broke the rule of packets. The connection ends next.
    fn on_broken(&self, session: SessionId, error: &FramingError) {
        let _ = (session, error);
    }
    /// A datagram arrived on a port.
    fn on_packet(&self, port: u16, sender: &PacketSender, data: &[u8]) {
        let _ = (port, sender, data);
    }
    /// More waits for a peer than the high watermark (`full`), or less than the low one after that.
    fn on_watermark(&self, session: SessionId, port: u16, full: bool) {
        let _ = (session, port, full);
    }
    /// A whole request arrived.
    fn on_request(&self, exchange: ExchangeId, origin: Origin, request: Request);
    /// A connection can go to the next worker in this one's place. `false`: not now. Calls nothing of
    /// the worker, and no PHP.
    fn give_away(&self, parcel: Parcel) -> bool {
        let _ = parcel;
        false
    }
    /// A connection ends: by its peer, by a broken protocol, or by `close` (`by_server`).
    fn on_close(&self, session: SessionId, port: u16, by_server: bool);
    /// The process shall not call PHP again.
    fn stopped(&self) -> bool;
}

/// Names one request and the answer it is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExchangeId {
    pub(super) connection: Key,
    pub(super) serial: Serial,
}

/// What a worker needs to know, resolved from the options.
#[derive(Clone, Debug)]
pub struct WorkerConfig {
    /// What PHP is told as `reactor_id`.
    pub worker_id: u16,
    /// The worker's box: where others send what they ask of its sessions.
    pub owner: u16,
    /// What holds for the connections of each port.
    pub ports: Ports,
    /// Bytes that may wait in the worker.
    pub buffer_total_size: usize,
    /// Nothing is read from a connection before `confirm`.
    pub delay_receive: bool,
    /// How peers are watched.
    pub watch: WatchConfig,
    /// Requests after which the worker asks for its successor; 0: never.
    pub max_request: u64,
}

/// The connections of one worker process.
pub struct Worker {
    pub(super) config: WorkerConfig,
    pub(super) reactor: Rc<Reactor>,
    pub(super) buffers: Rc<RefCell<Buffers>>,
    pub(super) counters: Row,
    pub(super) sessions: Sessions,
    pub(super) pid: Pid,
    pub(super) listeners: RefCell<Vec<WorkerListener>>,
    /// Of listeners that wait for descriptors or memory, by their numbers.
    accept_timers: RefCell<HashMap<u32, TimerKey>>,
    pub(super) connections: RefCell<Arena<Box<Connection>>>,
    /// The links to the I/O threads that have the connections, if they do.
    pub(super) uplink: RefCell<Option<Rc<Uplink>>>,
    /// Connections whose output changed outside their own turn.
    unsent: RefCell<Vec<Key>>,
    /// The connection whose turn it is: what is queued for it leaves at the end of that.
    pub(super) advancing: Cell<Option<Key>>,
    /// Bytes that wait, of all connections.
    pub(super) buffered: Cell<usize>,
    /// Watermarks that were passed and not told yet.
    pub(super) marks: RefCell<Vec<Mark>>,
    /// A timer will look at requests and answers under way.
    pub(super) looking: Cell<bool>,
    pub(super) served: Cell<u64>,
    pub(super) recycle_due: Cell<bool>,
    pub(super) retiring: Cell<bool>,
    /// Connections are closed as soon as they owe nothing.
    pub(super) closing_idle: Cell<bool>,
    /// HTTP connections go to the worker that has taken this one's place.
    pub(super) giving: Cell<bool>,
    /// A timer will try again to give some away.
    pub(super) giving_later: Cell<bool>,
    /// Connections that may be ready to go.
    pub(super) movable: RefCell<Vec<Key>>,
    /// Connections that have gone.
    pub(super) given: Cell<u64>,
    /// Connections that were closed because the worker ends.
    pub(super) cut: Cell<u64>,
    pub(super) date: Date,
    /// The header lines that came last on any connection.
    pub(super) memo: RefCell<HeadMemo>,
}

/// Connections accepted at most in one turn and listener.
const ACCEPT: usize = 64;
/// How long the peer of a closing connection may take none of what is queued: it would keep its
/// socket for ever.
const STALL: Duration = Duration::from_secs(60);

/// How long after running out of descriptors or memory the next accept is tried.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

impl Worker {
    /// A worker that accepts from `listeners`, which are registered with the reactor here.
    ///
    /// # Errors
    /// When a listener can not be registered.
    pub fn new(
        config: WorkerConfig,
        reactor: Rc<Reactor>,
        buffers: Rc<RefCell<Buffers>>,
        counters: Row,
        sessions: Sessions,
        listeners: Vec<WorkerListener>,
    ) -> io::Result<Worker> {
        for (number, listener) in (0u32..).zip(&listeners) {
            let token = Token::new(Source::Listener, Key::fixed(number));
            reactor.register(&listener.socket, token, Interest::READABLE)?;
        }
        let worker = Worker {
            config,
            reactor,
            buffers,
            counters,
            sessions,
            pid: process::id(),
            listeners: RefCell::new(listeners),
            accept_timers: RefCell::default(),
            connections: RefCell::default(),
            uplink: RefCell::new(None),
            unsent: RefCell::default(),
            advancing: Cell::new(None),
            buffered: Cell::new(0),
            marks: RefCell::default(),
            looking: Cell::new(false),
            served: Cell::new(0),
            recycle_due: Cell::new(false),
            retiring: Cell::new(false),
            closing_idle: Cell::new(false),
            giving: Cell::new(false),
            giving_later: Cell::new(false),
            movable: RefCell::default(),
            given: Cell::new(0),
            cut: Cell::new(0),
            date: Date::default(),
            memo: RefCell::default(),
        };
        worker.watch_silence();
        Ok(worker)
    }

    /// A listener is ready: accepts what waits.
    pub fn handle_listener(&self, token: Token, hooks: &dyn WorkerHooks) {
        if self.handle_watch(token, hooks) || self.handle_line(token, hooks) {
            return;
        }
        if self.kind_of(token).is_some_and(SocketKind::is_datagram) {
            return self.receive_packets(token, hooks);
        }
        for _ in 0..ACCEPT {
            let (accepted, port) = {
                let listeners = self.listeners.borrow();
                let Some(listener) = listeners.get(token.key().index() as usize) else { return };
                (listener.socket.accept(), listener.port)
            };
            match accepted {
                Ok((socket, address)) => self.open(socket, address.as_socket(), port, hooks),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if is_exhausted(&error) => {
                    return self.accept_later(token);
                }
                // One connection that broke before it was accepted.
                Err(_) => {}
            }
            if hooks.stopped() || self.listeners.borrow().is_empty() {
                return;
            }
        }
        self.reactor.again(token);
    }

    /// A connection is ready, or asked to be looked at again.
    pub fn handle_ready(&self, token: Token, ready: Ready, hooks: &dyn WorkerHooks) {
        let key = token.key();
        let sends;
        let (lingering, broken) = {
            let mut connections = self.connections.borrow_mut();
            let Some(connection) = connections.get_mut(key) else { return };
            connection.readable |= ready.readable;
            connection.read_closed |= ready.read_closed || ready.error;
            connection.progressed |= ready.writable;
            sends = ready.writable
                && !(connection.phase == Phase::Open && connection.stream.is_flushed());
            // Where nothing more is read, no receive will meet the error.
            let broken = ready.error && !connection.may_advance();
            (connection.phase == Phase::Lingering, broken)
        };
        if lingering {
            return self.drain(key);
        }
        if broken {
            self.end(key, false, hooks);
            return self.remove(key);
        }
        if sends && self.send_queued(key, hooks) == Sent::Gone {
            return;
        }
        self.advance(key, hooks);
    }

    /// A timer that carries a connection's token is due: the peer did not close, or did not take
    /// what is queued, in time.
    pub fn handle_timer(&self, token: Token) {
        if let Some(connection) = self.connections.borrow_mut().get_mut(token.key()) {
            connection.limit = None;
            if connection.phase == Phase::Closing && std::mem::take(&mut connection.progressed) {
                return self.limit(token.key(), connection, STALL);
            }
        }
        self.remove(token.key());
    }

    /// Sends what was queued outside the connections' own turns: once a turn. When the process has
    /// stopped it only sends, and calls no hook.
    pub fn flush(&self, hooks: &dyn WorkerHooks) {
        self.flush_connections(hooks);
        self.flush_lines();
    }

    fn flush_connections(&self, hooks: &dyn WorkerHooks) {
        // A loop that runs inside a connection's own turn sends what that has queued so far.
        if let Some(key) = self.advancing.get() {
            let _ = self.send_queued(key, hooks);
        }
        if self.unsent.borrow().is_empty() {
            return self.tell_marks(hooks);
        }
        for key in self.unsent.take() {
            let marked = match self.connections.borrow_mut().get_mut(key) {
                Some(connection) => std::mem::take(&mut connection.unsent),
                None => false,
            };
            if !marked {
                continue;
            }
            if self.send_queued(key, hooks) != Sent::Gone && !hooks.stopped() {
                self.advance(key, hooks);
            }
        }
        self.tell_marks(hooks);
        // What hooks have queued meanwhile goes with the next turn's flush, which must come.
        let connections = self.connections.borrow();
        let unsent = self.unsent.borrow();
        let is_unsent = |key: &&Key| connections.get(**key).is_some_and(|c| c.unsent);
        if let Some(key) = unsent.iter().find(is_unsent) {
            self.reactor.again(Token::new(Source::Conn, *key));
        }
    }

    /// Whether output waits for [`flush`](Self::flush), so that the poll must not wait.
    #[must_use]
    pub fn has_unsent(&self) -> bool {
        if self.uplink.borrow().as_ref().is_some_and(|uplink| uplink.has_unsent()) {
            return true;
        }
        let (unsent, advancing) = (self.unsent.borrow(), self.advancing.get());
        if unsent.is_empty() && advancing.is_none() {
            return !self.marks.borrow().is_empty();
        }
        let connections = self.connections.borrow();
        unsent.iter().any(|key| connections.get(*key).is_some_and(|c| c.unsent))
            || advancing
                .is_some_and(|key| connections.get(key).is_some_and(|c| !c.stream.is_flushed()))
    }

    /// Whether [`flush`](Self::flush) or [`poll_recycle`](Self::poll_recycle) has something to do.
    #[must_use]
    pub fn has_to_settle(&self) -> bool {
        self.recycle_due.get()
            || self.advancing.get().is_some()
            || !self.unsent.borrow().is_empty()
            || !self.marks.borrow().is_empty()
            || self.uplink.borrow().as_ref().is_some_and(|uplink| uplink.has_unsent())
    }

    /// Whether the worker has served its `max_request`; asked once, then answered once.
    pub fn poll_recycle(&self) -> bool {
        self.recycle_due.take()
    }

    /// Stops accepting. HTTP connections go to the next worker in this one's place. With `close_idle`
    /// there is none: requests that come on open connections are answered once more, with
    /// `Connection: close`, and connections that owe nothing are closed from the next turn on, once what
    /// has arrived on them was read.
    pub fn retire(&self, close_idle: bool) {
        if let Some(uplink) = &*self.uplink.borrow() {
            // Its connections are the next worker's: they stay.
            uplink.leave(close_idle);
        }
        if self.is_remote() {
            return self.close_when_left();
        }
        self.retiring.set(close_idle);
        for listener in self.listeners.take() {
            self.reactor.deregister(&listener.socket);
        }
        for (_, timer) in self.accept_timers.take() {
            self.reactor.timers().borrow_mut().cancel(timer);
        }
        if !close_idle {
            self.begin_to_give();
        } else {
            self.giving.set(false);
            self.closing_idle.set(true);
            for key in self.connections.borrow().keys() {
                self.reactor.again(Token::new(Source::Conn, key));
            }
        }
    }

    /// Another descriptor of this worker's socket of a port; `None`: it has none, or none any more.
    #[must_use]
    pub fn duplicate_listener(&self, port: usize) -> Option<io::Result<OwnedFd>> {
        let listeners = self.listeners.borrow();
        let own = listeners.iter().find(|listener| usize::from(listener.port) == port)?;
        Some(own.socket.try_clone().map(OwnedFd::from))
    }

    /// Accepts what waits on this worker's own sockets: before they are closed for good.
    pub fn accept_waiting(&self, hooks: &dyn WorkerHooks) {
        let count = self.listeners.borrow().len();
        for number in (0u32..).take(count) {
            self.handle_listener(Token::new(Source::Listener, Key::fixed(number)), hooks);
        }
    }

    /// Whether an answer is owed, or output waits for its peer; after `retire(true)` also whether a
    /// connection stands that has not been found idle yet.
    #[must_use]
    pub fn owes(&self) -> bool {
        if self.uplink.borrow().as_ref().is_some_and(|uplink| !uplink.has_left()) {
            return true;
        }
        let keys = self.connections.borrow().keys();
        keys.into_iter().any(|key| {
            let mut connections = self.connections.borrow_mut();
            connections.get_mut(key).is_some_and(|connection| {
                let unseen = self.closing_idle.get() && connection.phase == Phase::Open;
                unseen || connection.owes() || !connection.stream.output().is_empty()
            })
        })
    }

    /// Sends what can be sent at once, without telling anybody: the process ends.
    pub fn flush_at_end(&self) {
        let keys = self.connections.borrow().keys();
        for key in keys {
            if let Some(connection) = self.connections.borrow_mut().get_mut(key) {
                let flushed = connection.flush(&mut self.buffers.borrow_mut().spare);
                connection.end_with_process(flushed.unwrap_or(false));
            }
        }
        if let Some(uplink) = &*self.uplink.borrow() {
            uplink.flush_at_end();
        }
    }

    /// The descriptors of connections and listeners: a process forked now would keep them.
    #[must_use]
    pub fn descriptors(&self) -> Vec<RawFd> {
        let connections = self.connections.borrow();
        let own = connections.iter().filter(|(_, connection)| connection.stream.remote().is_none());
        let own = own.map(|(_, connection)| connection.stream.as_raw_fd());
        let listeners = self.listeners.borrow();
        let listening = listeners.iter().map(|listener| listener.socket.as_raw_fd());
        let uplink = self.uplink.borrow();
        let lines = uplink.iter().flat_map(|uplink| uplink.lines()).map(|line| line.as_raw_fd());
        own.chain(listening).chain(lines).collect()
    }

    /// Whether the worker is on its way out, and nobody goes on with its connections.
    #[must_use]
    pub fn is_retiring(&self) -> bool {
        self.retiring.get()
    }

    /// Open connections.
    #[must_use]
    pub fn connection_count(&self) -> usize {
        self.connections.borrow().len()
    }

    /// Requests served by this worker.
    #[must_use]
    pub fn served(&self) -> u64 {
        self.served.get()
    }

    /// The key of a session.
    pub(super) fn key_of(&self, session: SessionId) -> Option<Key> {
        if self.is_remote() {
            return self.remote_key(session);
        }
        // Most of what a callback does is for the connection that it was called for.
        if let Some(key) = self.advancing.get()
            && self.connections.borrow().get(key).is_some_and(|c| c.session == session)
        {
            return Some(key);
        }
        self.sessions.key_of(session, self.pid).map(|bits| Token::from_bits(bits).key())
    }

    /// Session ids of this worker's connections, in no order.
    #[must_use]
    pub fn sessions(&self) -> Vec<SessionId> {
        self.connections.borrow().iter().map(|(_, connection)| connection.session).collect()
    }

    /// Says that the connection has output that no turn of its own will send.
    pub(super) fn mark_unsent(&self, key: Key, connection: &mut Connection) {
        self.count(connection);
        if self.advancing.get() == Some(key) {
            return;
        }
        if !std::mem::replace(&mut connection.unsent, true) {
            self.unsent.borrow_mut().push(key);
        }
    }

    /// Ends a connection: `onClose` once, then the socket is closed when what is queued is gone, or at
    /// once if the peer is.
    pub(super) fn end(&self, key: Key, by_server: bool, hooks: &dyn WorkerHooks) {
        match self.begin_close(key, by_server, hooks) {
            true if by_server => self.finish_close(key),
            true => self.remove(key),
            false => {}
        }
    }

    /// Runs `onClose`, which is told `by_server`. `false`: that was done before.
    pub(super) fn begin_close(&self, key: Key, by_server: bool, hooks: &dyn WorkerHooks) -> bool {
        let (session, port, is_quiet) = {
            let mut connections = self.connections.borrow_mut();
            let Some(connection) = connections.get_mut(key) else { return false };
            if connection.phase != Phase::Open {
                return false;
            }
            connection.phase = Phase::Closing;
            self.sessions.mark(connection.session, Flags::CLOSING, true);
            let is_quiet = connection.stream.remote().is_some_and(Remote::is_quiet);
            (connection.session, connection.port, is_quiet)
        };
        if !hooks.stopped() && !is_quiet {
            hooks.on_close(session, port, by_server);
        }
        true
    }

    /// Lets what is queued leave, and closes the socket then.
    pub(super) fn finish_close(&self, key: Key) {
        let gone = {
            let mut connections = self.connections.borrow_mut();
            let Some(connection) = connections.get_mut(key) else { return };
            let gone = connection.flush(&mut self.buffers.borrow_mut().spare);
            if let Ok(false) = gone {
                connection.progressed = false;
                self.limit(key, connection, STALL);
            }
            gone.unwrap_or(true)
        };
        if gone {
            self.linger(key);
        }
    }

    /// Drops a connection and its socket.
    pub(super) fn remove(&self, key: Key) {
        let Some(mut connection) = self.connections.borrow_mut().remove(key) else { return };
        self.uncount(&connection);
        if let Some(timer) = connection.limit.take() {
            self.reactor.timers().borrow_mut().cancel(timer);
        }
        if connection.stream.remote().is_some() {
            return self.forget_remote(&connection);
        }
        self.sessions.close(connection.session, connection.place);
        self.reactor.deregister(&connection.stream);
        self.counters.closed();
    }

    fn open(&self, socket: Socket, peer: Option<SocketAddr>, port: u16, hooks: &dyn WorkerHooks) {
        if socket.set_nonblocking(true).is_err() {
            return;
        }
        let config = self.config.ports.get(port);
        let stream = Stream::from_connected(socket);
        if peer.is_some() {
            if config.nodelay {
                let _ = stream.socket().set_tcp_nodelay(true);
            }
            if let Some((idle, interval, probes)) = config.keepalive {
                let _ = sys::sockopt::set_keepalive(&stream, idle, interval, probes);
            }
        }
        let stream = Link::Own(stream);
        let connection = Connection {
            unconfirmed: self.config.delay_receive,
            ..Connection::new(stream, Protocol::of(config), port, peer)
        };
        let key = self.connections.borrow_mut().insert(Box::new(connection));
        let Some(session) = self.enter(key) else {
            self.connections.borrow_mut().remove(key);
            return;
        };
        self.counters.accepted();
        self.watch_progress();
        hooks.on_connect(session, port);
    }

    /// Gives a new connection its session and its events. `None`: it can not be kept.
    fn enter(&self, key: Key) -> Option<SessionId> {
        let token = Token::new(Source::Conn, key);
        let mut connections = self.connections.borrow_mut();
        let connection = connections.get_mut(key)?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.reactor.register(&connection.stream, token, interest).ok()?;
        let (session, place) = self.sessions.open(&Opening {
            owner: self.config.owner,
            pid: self.pid,
            port: connection.port,
            reactor: self.config.worker_id,
            descriptor: connection.stream.as_raw_fd(),
            peer: connection.peer,
            key: token.to_bits(),
            now: self.reactor.now(),
        })?;
        (connection.session, connection.place) = (session, place);
        Some(session)
    }

    /// Leaves the next look at a listener to a timer: a busy loop would only burn the CPU. A
    /// listener has one timer, however many connections came meanwhile.
    fn accept_later(&self, token: Token) {
        let mut timers = self.reactor.timers().borrow_mut();
        let timer = timers.insert(self.reactor.now() + ACCEPT_AGAIN, token);
        let before = self.accept_timers.borrow_mut().insert(token.key().index(), timer);
        if let Some(before) = before {
            timers.cancel(before);
        }
    }
}

fn is_exhausted(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(errno::EMFILE | errno::ENFILE | errno::ENOBUFS | errno::ENOMEM)
    )
}
