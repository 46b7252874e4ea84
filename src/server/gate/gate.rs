//! The connections of one I/O thread: accepts them, is told of their readiness, and ends them.
//!
//! Never calls PHP: it runs in a thread of the master's. What is complete goes to the workers
//! (`dispatch`), what they answer comes back (`answers`), both in batches at the end of a turn.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::SocketAddr,
    os::fd::AsRawFd,
    rc::Rc,
    time::Duration,
};

use bytes::BytesMut;
use socket2::Socket;

use crate::{
    net::Stream,
    proto::{framing::Rule, http1::HeadMemo},
    reactor::{Arena, Interest, Key, Reactor, Ready, Source, TimerKey, Token},
    sys::{
        self, errno,
        process::{self, Pid},
    },
};

use super::super::{
    answer::Date,
    listen::WorkerListener,
    port::{Ports, Speaks},
    progress::Seen,
    sessions::{Flags, Opening, Place, Sessions},
    stats::Row,
    watch::WatchConfig,
};
use super::{
    budget::Held,
    client::{Client, Phase, Protocol},
    dispatch::{Ask, Mode, Slot},
    frame::Told,
    hello::{Door, Hello},
    lane::Lane,
    progress::Progress,
};

/// What an I/O thread needs to know, resolved from the options.
#[derive(Clone, Debug)]
pub struct GateConfig {
    /// The thread's number: what PHP is told as `reactor_id`.
    pub reactor_id: u16,
    /// Event workers.
    pub workers: usize,
    /// Which worker gets what.
    pub mode: Mode,
    /// `onConnect` or `onClose` is registered: a worker learns of a connection at once.
    pub announces: bool,
    /// `onConnect` and `onClose` run in the modes that spread a connection over the workers too.
    pub unsafe_events: bool,
    /// What a closed connection has sent is dropped, in those modes.
    pub discards: bool,
    /// Nothing is read from a connection before `confirm`.
    pub delay_receive: bool,
    /// How peers are watched.
    pub watch: WatchConfig,
    /// What holds for the connections of each port.
    pub ports: Ports,
    /// Bytes that one connection may have waiting in this thread; what is more waits in its worker.
    pub window: usize,
    /// Bytes that may wait in this thread.
    pub buffer_total_size: usize,
}

/// What an I/O thread shares with others.
#[derive(Clone, Debug)]
pub struct GateShared {
    /// The sessions of the server.
    pub sessions: Sessions,
    /// This thread's counters.
    pub counters: Row,
    /// How far the workers are.
    pub progress: Progress,
}

/// The connections of one I/O thread.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) config: GateConfig,
    pub(super) reactor: Rc<Reactor>,
    pub(super) shared: GateShared,
    pub(super) pid: Pid,
    listeners: Vec<WorkerListener>,
    accept_timers: HashMap<u32, TimerKey>,
    pub(super) clients: Arena<Box<Client>>,
    pub(super) lanes: Arena<Lane>,
    pub(super) slots: Vec<Slot>,
    /// Where the next round of dispatching begins.
    pub(super) turn: usize,
    /// Where input is received first.
    pub(super) input: BytesMut,
    /// Output buffers that were flushed, and batches.
    pub(super) spare: Vec<BytesMut>,
    pub(super) spare_batches: Vec<BytesMut>,
    /// Connections to look at in the end of the turn.
    pub(super) marked: Vec<Key>,
    /// Links that were given frames.
    pub(super) told: Vec<Key>,
    pub(super) stopping: bool,
    /// What the program is to be asked.
    pub(super) asks: VecDeque<Ask>,
    pub(super) date: Date,
    /// The header lines that came last on any connection.
    pub(super) memo: HeadMemo,
    /// What the connections hold.
    pub(super) held: Held,
    /// Where workers come in.
    pub(super) hello: Door,
}

/// Connections accepted at most in one turn and listener.
const ACCEPT: usize = 64;
/// How long after running out of descriptors or memory the next accept is tried.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
/// How long the peer of a closing connection may take none of what is queued.
const STALL: Duration = Duration::from_secs(60);
/// How long a shut connection waits for its peer to close too.
const LINGER: Duration = Duration::from_secs(2);
/// Bytes thrown away at once.
const DRAIN: usize = 64 * 1024;

impl Gate {
    pub(super) fn new(
        config: GateConfig,
        reactor: Rc<Reactor>,
        shared: GateShared,
        listeners: Vec<WorkerListener>,
        hello: Door,
    ) -> io::Result<Gate> {
        reactor.register(&hello, Token::new(Source::Channel, Hello::key()), Interest::READABLE)?;
        for (number, listener) in (0u32..).zip(&listeners) {
            let token = Token::new(Source::Listener, Key::fixed(number));
            reactor.register(&listener.socket, token, Interest::READABLE)?;
        }
        let slots = (0..config.workers).map(|_| Slot::default()).collect();
        let gate = Gate {
            config,
            reactor,
            shared,
            pid: process::id(),
            listeners,
            accept_timers: HashMap::new(),
            clients: Arena::new(),
            lanes: Arena::new(),
            slots,
            turn: 0,
            input: BytesMut::new(),
            spare: Vec::new(),
            spare_batches: Vec::new(),
            marked: Vec::new(),
            told: Vec::new(),
            stopping: false,
            asks: VecDeque::new(),
            date: Date::default(),
            memo: HeadMemo::default(),
            held: Held::default(),
            hello,
        };
        gate.watch();
        Ok(gate)
    }

    /// A descriptor of this thread's is ready.
    pub(super) fn handle_ready(&mut self, token: Token, ready: Ready) {
        match token.source() {
            Some(Source::Listener) => self.accept(token),
            Some(Source::Conn) => self.handle_client(token.key(), ready),
            Some(Source::Channel) => self.handle_lane(token.key(), ready),
            _ => {}
        }
    }

    /// A timer of this thread's is due.
    pub(super) fn handle_timer(&mut self, token: Token) {
        match token.source() {
            Some(Source::Listener) if self.handle_watch(token) => {}
            Some(Source::Listener) => self.accept(token),
            Some(Source::Conn) => self.handle_limit(token.key()),
            _ => {}
        }
    }

    /// The end of a turn: sends what was queued, goes on where that has made room.
    pub(super) fn settle(&mut self) {
        while !self.marked.is_empty() {
            for key in std::mem::take(&mut self.marked) {
                if let Some(client) = self.clients.get_mut(key) {
                    client.marked = false;
                    self.send(key);
                    self.advance(key);
                }
            }
        }
        self.flush_lanes();
        self.publish();
    }

    /// Accepts what waits, then no more.
    pub(super) fn stop(&mut self) {
        for number in (0u32..).take(self.listeners.len()) {
            self.accept(Token::new(Source::Listener, Key::fixed(number)));
        }
        self.stopping = true;
        for listener in self.listeners.drain(..) {
            self.reactor.deregister(&listener.socket);
        }
        for (_, timer) in self.accept_timers.drain() {
            self.reactor.timers().borrow_mut().cancel(timer);
        }
    }

    /// No worker will answer any more: sends what can be sent, then closes every connection.
    pub(super) fn finish(&mut self) {
        for key in self.clients.keys() {
            self.close(key);
        }
    }

    /// Whether nothing is left to do after [`finish`](Self::finish).
    pub(super) fn is_done(&self) -> bool {
        self.clients.is_empty()
    }

    /// Every descriptor of this thread's: a process forked from the master now would keep them.
    pub(super) fn descriptors(&self) -> Vec<i32> {
        let listeners = self.listeners.iter().map(|listener| listener.socket.as_raw_fd());
        let clients = self.clients.iter().map(|(_, client)| client.stream.as_raw_fd());
        let lanes = self.lanes.iter().map(|(_, lane)| lane.as_raw_fd());
        let door = std::iter::once(self.hello.as_raw_fd());
        listeners.chain(clients).chain(lanes).chain(door).collect()
    }

    /// Puts a connection on the list for the end of the turn.
    pub(super) fn mark(&mut self, key: Key) {
        if let Some(client) = self.clients.get_mut(key)
            && !std::mem::replace(&mut client.marked, true)
        {
            self.marked.push(key);
        }
    }

    /// Closes a connection when what is queued has left.
    pub(super) fn close(&mut self, key: Key) {
        let Some(client) = self.clients.get_mut(key) else { return };
        if client.phase != Phase::Open {
            return;
        }
        client.phase = Phase::Closing;
        client.progressed = false;
        self.shared.sessions.mark(client.session, Flags::CLOSING, true);
        if !client.stream.is_flushed() {
            self.limit(key, STALL);
        }
        self.mark(key);
    }

    /// The connection broke: its worker is told, and it is dropped.
    pub(super) fn drop_broken(&mut self, key: Key) {
        self.tell_gone(key, Told::ByPeer);
        self.remove(key);
    }

    /// Drops a connection and its socket.
    pub(super) fn remove(&mut self, key: Key) {
        self.tell_gone(key, Told::Nothing);
        let Some(mut client) = self.clients.remove(key) else { return };
        self.uncount(&client);
        self.shared.sessions.close(client.session, client.place);
        if let Some(timer) = client.limit.take() {
            self.reactor.timers().borrow_mut().cancel(timer);
        }
        self.reactor.deregister(&client.stream);
        self.shared.counters.closed();
    }

    /// Shuts the sending side of a closing connection whose output has left.
    pub(super) fn linger(&mut self, key: Key) {
        let Some(client) = self.clients.get_mut(key) else { return };
        let shut = client.stream.shutdown_write();
        if client.at_end || shut.is_err() {
            return self.remove(key);
        }
        client.phase = Phase::Lingering;
        self.shared.sessions.mark(client.session, Flags::GONE, true);
        self.tell_gone(key, Told::Nothing);
        self.limit(key, LINGER);
        self.drain(key);
    }

    fn handle_client(&mut self, key: Key, ready: Ready) {
        let Some(client) = self.clients.get_mut(key) else { return };
        client.readable |= ready.readable;
        client.read_closed |= ready.read_closed || ready.error;
        client.progressed |= ready.writable;
        match client.phase {
            Phase::Lingering => return self.drain(key),
            Phase::Open => {}
            // Where nothing more is read, no receive will meet the error.
            Phase::Closing if ready.error => return self.drop_broken(key),
            Phase::Closing => return self.mark(key),
        }
        if ready.error && (client.paused || client.unconfirmed || client.at_end) {
            return self.drop_broken(key);
        }
        if ready.writable && !client.stream.is_flushed() {
            self.mark(key);
        }
        self.advance(key);
    }

    /// The peer did not close, or did not take what is queued, in time.
    fn handle_limit(&mut self, key: Key) {
        if let Some(client) = self.clients.get_mut(key) {
            client.limit = None;
            if client.phase == Phase::Closing && std::mem::take(&mut client.progressed) {
                return self.limit(key, STALL);
            }
        }
        self.remove(key);
    }

    /// Gives a connection so much time from now on; a limit that it had is void.
    fn limit(&mut self, key: Key, time: Duration) {
        let Some(client) = self.clients.get_mut(key) else { return };
        let mut timers = self.reactor.timers().borrow_mut();
        if let Some(timer) = client.limit.take() {
            timers.cancel(timer);
        }
        let at = self.reactor.now() + time;
        client.limit = Some(timers.insert(at, Token::new(Source::Conn, key)));
    }

    /// Throws away what a lingering connection's peer still sends, until it closes.
    fn drain(&mut self, key: Key) {
        let Some(client) = self.clients.get(key) else { return };
        let mut sink = BytesMut::new();
        match client.stream.receive(&mut sink, DRAIN) {
            Ok(None) => {}
            Ok(Some(received)) if received.bytes > 0 => {
                self.reactor.again(Token::new(Source::Conn, key));
            }
            Ok(Some(_)) | Err(_) => self.remove(key),
        }
    }

    fn accept(&mut self, token: Token) {
        for _ in 0..ACCEPT {
            let Some(listener) = self.listeners.get(token.key().index() as usize) else { return };
            let port = listener.port;
            match listener.socket.accept() {
                Ok((socket, address)) => self.open(socket, port, address.as_socket()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if is_exhausted(&error) => return self.accept_later(token),
                // One connection that broke before it was accepted.
                Err(_) => {}
            }
        }
        self.reactor.again(token);
    }

    fn open(&mut self, socket: Socket, listener: u16, peer: Option<SocketAddr>) {
        let port = self.config.ports.get(listener);
        if socket.set_nonblocking(true).is_err() {
            return;
        }
        let stream = Stream::from_connected(socket);
        if peer.is_some() {
            if port.nodelay {
                let _ = stream.socket().set_tcp_nodelay(true);
            }
            if let Some((idle, interval, probes)) = port.keepalive {
                let _ = sys::sockopt::set_keepalive(&stream, idle, interval, probes);
            }
        }
        let now = self.reactor.now();
        let descriptor = stream.as_raw_fd();
        let key = self.clients.insert(Box::new(Client {
            stream,
            session: 0,
            place: Place::FIRST,
            listener,
            peer,
            phase: Phase::Open,
            protocol: Protocol::of(port),
            input: BytesMut::new(),
            readable: false,
            read_closed: false,
            at_end: false,
            held: false,
            paused: false,
            unconfirmed: self.config.delay_receive,
            seen: Seen::default(),
            told_end: false,
            announced: false,
            asking: false,
            slot: None,
            pinned: None,
            homes: Vec::new(),
            untold: 0,
            counted: 0,
            blocked: false,
            marked: false,
            progressed: false,
            limit: None,
        }));
        let token = Token::new(Source::Conn, key);
        let session = self.shared.sessions.open(&Opening {
            owner: self.config.reactor_id,
            pid: self.pid,
            port: listener,
            reactor: self.config.reactor_id,
            descriptor,
            peer,
            key: token.to_bits(),
            now,
        });
        let (Some((session, place)), Some(client)) = (session, self.clients.get_mut(key)) else {
            self.clients.remove(key);
            return;
        };
        (client.session, client.place) = (session, place);
        if matches!(port.speaks, Speaks::Packets(Rule::Asked)) {
            client.pinned = Some(session as usize % self.slots.len().max(1));
        }
        let interest = Interest::READABLE | Interest::WRITABLE;
        if self.reactor.register(&client.stream, token, interest).is_err() {
            self.shared.sessions.close(session, place);
            self.clients.remove(key);
            return;
        }
        self.shared.counters.accepted();
        self.announce(key);
    }

    /// Leaves the next look at a listener to a timer: a busy loop would only burn the CPU.
    fn accept_later(&mut self, token: Token) {
        let mut timers = self.reactor.timers().borrow_mut();
        let timer = timers.insert(self.reactor.now() + ACCEPT_AGAIN, token);
        if let Some(before) = self.accept_timers.insert(token.key().index(), timer) {
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
