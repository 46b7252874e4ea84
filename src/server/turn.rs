//! The turn of one connection: reads, hands over what is complete, sends, and ends what has ended.
//!
//! No borrow is open while a hook runs, and after it the connection is looked up again. Readiness
//! comes once: whoever stops before all is read or taken asks to be looked at again.

use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::{
    proto::{
        framing::FramingError,
        http1::{Request, RequestError},
    },
    reactor::{Key, Source, Token},
};

use super::{
    commands::Origin,
    connection::{Connection, Message, Phase, Protocol},
    sessions::{Flags, SessionId},
    worker::{ExchangeId, Worker, WorkerHooks},
};

/// What became of a connection's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// It has left.
    All,
    /// The peer has to read first: a readiness event will come.
    Waits,
    /// The connection has ended.
    Gone,
}

/// What a flush came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flushed {
    /// All is gone.
    All,
    /// The socket takes no more.
    Waits,
    /// The connection is broken.
    Broken,
    /// All is gone, and the connection ends with the answer that was the last of it.
    Answered,
    /// All that a closing connection owed is gone.
    Closed,
}

/// What came of a connection's input.
enum Arrival {
    Request(ExchangeId, Origin, Request),
    Malformed(RequestError),
    /// Raw bytes: the whole shared buffer.
    Bytes(Whose),
    Packet(Whose, Bytes),
    /// How long is the packet that begins like this?
    Asked(Whose, Bytes),
    Broken(Whose, FramingError),
}

/// A session and its port.
type Whose = (SessionId, u16);

/// Bytes received at most in one turn and connection.
const RECEIVE: usize = 64 * 1024;
/// RFC 9110 section 15.6.4.
const OVERLOADED: u16 = 503;
/// How long a shut connection waits for its peer to close too.
const LINGER: Duration = Duration::from_secs(2);

impl Worker {
    /// Reads what is there, hands over what is complete, and sends the answers.
    pub(super) fn advance(&self, key: Key, hooks: &dyn WorkerHooks) {
        let mut shared = self.buffers.borrow_mut().take_input();
        let mut received = false;
        let outer = self.advancing.replace(Some(key));
        while let Some(arrival) = self.next_arrival(key, &mut shared, &mut received) {
            match arrival {
                Arrival::Request(exchange, origin, request) => {
                    self.count_request();
                    hooks.on_request(exchange, origin, request);
                }
                Arrival::Bytes((session, port)) => {
                    self.count_request();
                    hooks.on_receive(session, port, &shared);
                    shared.clear();
                }
                Arrival::Packet((session, port), packet) => {
                    self.count_request();
                    hooks.on_receive(session, port, &packet);
                }
                Arrival::Asked((session, port), head) => {
                    let length = hooks.package_length(session, port, &head);
                    self.answer_length(key, length);
                }
                Arrival::Broken((session, _), error) => {
                    shared.clear();
                    self.break_rule(key, session, error, hooks);
                }
                Arrival::Malformed(error) => self.refuse(key, error),
            }
            if hooks.stopped() {
                break;
            }
        }
        self.advancing.set(outer);
        if !shared.is_empty() {
            self.keep_input(key, &mut shared);
        }
        self.buffers.borrow_mut().give_input(shared);
        if hooks.stopped() {
            // The turn sends nothing any more: what is finished waits for the last flush.
            if let Some(connection) = self.connections.borrow_mut().get_mut(key) {
                self.mark_unsent(key, connection);
            }
            return;
        }
        self.finish_turn(key, hooks);
        if !self.has_room(0) {
            self.give_up_input(key, hooks);
        }
    }

    /// More waits in this worker than may: a message that is not complete is not waited for.
    fn give_up_input(&self, key: Key, hooks: &dyn WorkerHooks) {
        let speaks_http = {
            let mut connections = self.connections.borrow_mut();
            let Some(connection) = connections.get_mut(key) else { return };
            let http = match &connection.protocol {
                Protocol::Http(http) => Some(http.decoder.held()),
                Protocol::Raw | Protocol::Packets(_) => None,
            };
            if connection.input.is_empty() && http.unwrap_or(0) == 0 {
                return;
            }
            connection.input = BytesMut::new();
            http.is_some()
        };
        if speaks_http {
            self.refuse_with(key, OVERLOADED);
        } else if self.begin_close(key, false, hooks) {
            self.finish_close(key);
        }
    }

    /// Takes what is complete off the input: first of what the connection kept, which `receive`
    /// adds to, else of the buffer that all connections share. `None`: nothing more is to be had, or
    /// nothing more may be taken now.
    fn next_arrival(
        &self,
        key: Key,
        shared: &mut BytesMut,
        received: &mut bool,
    ) -> Option<Arrival> {
        let mut connections = self.connections.borrow_mut();
        let connection = &mut **connections.get_mut(key)?;
        let mut may_advance = connection.may_advance() && !self.holds_back(connection);
        let limits = &self.config.ports.get(connection.port).limits;
        let whose = (connection.session, connection.port);
        loop {
            let kept = !connection.input.is_empty();
            let input = if kept { &mut connection.input } else { &mut *shared };
            connection.held = !may_advance && !input.is_empty();
            // Without input a decoder has nothing to say that it has not said.
            let message = if may_advance && !input.is_empty() {
                let memo = &mut self.memo.borrow_mut();
                connection.protocol.next_message(input, limits, memo)
            } else {
                None
            };
            if kept && connection.input.is_empty() {
                connection.input = BytesMut::new();
            }
            match message {
                Some(Message::Continue) => {
                    connection.ask_for_body();
                    may_advance = connection.may_advance();
                    continue;
                }
                Some(Message::Bytes) => {
                    if kept {
                        shared.extend_from_slice(&std::mem::take(&mut connection.input));
                    }
                    return Some(Arrival::Bytes(whose));
                }
                Some(Message::Packet(packet)) => return Some(Arrival::Packet(whose, packet)),
                Some(Message::Asked(head)) => return Some(Arrival::Asked(whose, head)),
                Some(Message::Broken(error)) => return Some(Arrival::Broken(whose, error)),
                Some(Message::Malformed(error)) => return Some(Arrival::Malformed(error)),
                Some(Message::Request(request)) => {
                    let keep_alive = request.keep_alive() && !self.retiring.get();
                    let serial = connection.protocol.begin_exchange(&request, keep_alive)?;
                    let exchange = ExchangeId { connection: key, serial };
                    let number = self.config.ports.get(connection.port).number;
                    let origin = connection.origin(number);
                    return Some(Arrival::Request(exchange, origin, request));
                }
                None => {}
            }
            if !may_advance || *received || !self.receive(connection, shared) {
                return None;
            }
            *received = true;
        }
    }

    /// The shared buffer serves the next connection: only what is left of it is kept.
    fn keep_input(&self, key: Key, shared: &mut BytesMut) {
        if let Some(connection) = self.connections.borrow_mut().get_mut(key)
            && connection.phase == Phase::Open
        {
            connection.input.extend_from_slice(shared);
        }
        shared.clear();
    }

    fn answer_length(&self, key: Key, length: i64) {
        let mut connections = self.connections.borrow_mut();
        let protocol = connections.get_mut(key).map(|connection| &mut connection.protocol);
        if let Some(Protocol::Packets(decoder)) = protocol {
            decoder.answer(length);
        }
    }

    /// Ends a connection whose peer broke the rule of packets; what was queued for it is sent.
    fn break_rule(
        &self,
        key: Key,
        session: SessionId,
        error: FramingError,
        hooks: &dyn WorkerHooks,
    ) {
        if let Some(connection) = self.connections.borrow_mut().get_mut(key) {
            connection.input = BytesMut::new();
        }
        hooks.on_broken(session, &error);
        if self.begin_close(key, false, hooks) {
            self.finish_close(key);
        }
    }

    pub(super) fn count_request(&self) {
        self.counters.request();
        let served = self.served.get() + 1;
        self.served.set(served);
        if served == self.config.max_request {
            self.recycle_due.set(true);
        }
    }

    /// One receive into the shared buffer, or behind what the connection kept. `false`: nothing
    /// came that could be handed over.
    fn receive(&self, connection: &mut Connection, shared: &mut BytesMut) -> bool {
        if connection.at_end || !(connection.readable || connection.read_closed) {
            return false;
        }
        // Not to the kept input itself: room for a whole receive would stay with every connection
        // whose message is late.
        match connection.stream.receive_some(shared, RECEIVE) {
            Ok(None) => connection.readable = false,
            Ok(Some(received)) if received.bytes == 0 => connection.at_end = true,
            Ok(Some(received)) => {
                if connection.stream.remote().is_none() {
                    self.sessions.touch(connection.place, self.reactor.now());
                }
                connection.readable = !received.drained || connection.read_closed;
                if !connection.input.is_empty() {
                    connection.input.extend_from_slice(shared);
                    shared.clear();
                }
                return true;
            }
            Err(_) => {
                connection.at_end = true;
                if let Protocol::Http(http) = &mut connection.protocol {
                    http.exchanges = Default::default();
                }
            }
        }
        false
    }

    /// The end of a connection's turn: sends, ends what has ended, comes back for what waits.
    fn finish_turn(&self, key: Key, hooks: &dyn WorkerHooks) {
        let output = {
            let mut connections = self.connections.borrow_mut();
            let Some(connection) = connections.get_mut(key) else { return };
            let output = self.flush_one(connection);
            let flushed = output == Flushed::All;
            if !flushed && output != Flushed::Waits {
                output
            } else if connection.phase != Phase::Open {
                return;
            } else {
                let waits = connection.held || connection.readable || connection.read_closed;
                let ends = if connection.at_end {
                    (flushed && !connection.owes()).then_some(false)
                } else if waits && connection.may_advance() && !self.holds_back(connection) {
                    self.reactor.again(Token::new(Source::Conn, key));
                    None
                } else {
                    let reads = waits && !connection.paused && !connection.unconfirmed;
                    let idle = self.closing_idle.get() && !reads && connection.is_idle();
                    (flushed && idle).then_some(true)
                };
                if ends.is_none() && self.holds_back(connection) {
                    self.movable.borrow_mut().push(key);
                }
                drop(connections);
                if let Some(by_server) = ends {
                    self.end(key, by_server, hooks);
                }
                return;
            }
        };
        self.conclude(key, output, hooks);
    }

    /// Sends what is queued.
    pub(super) fn send_queued(&self, key: Key, hooks: &dyn WorkerHooks) -> Sent {
        let flushed = match self.connections.borrow_mut().get_mut(key) {
            Some(connection) => self.flush_one(connection),
            None => return Sent::Gone,
        };
        self.conclude(key, flushed, hooks)
    }

    fn flush_one(&self, connection: &mut Connection) -> Flushed {
        let flushed = match connection.flush(&mut self.buffers.borrow_mut().spare) {
            Ok(true) if connection.phase == Phase::Closing => Flushed::Closed,
            Ok(true) => match &connection.protocol {
                Protocol::Http(http) if http.last && http.exchanges.is_empty() => Flushed::Answered,
                Protocol::Http(_) | Protocol::Raw | Protocol::Packets(_) => Flushed::All,
            },
            Ok(false) => Flushed::Waits,
            Err(_) => Flushed::Broken,
        };
        if matches!(flushed, Flushed::All | Flushed::Waits) {
            connection.unsent = false;
            self.count(connection);
            self.watch_marks(connection);
        }
        flushed
    }

    /// What follows from a flush.
    fn conclude(&self, key: Key, flushed: Flushed, hooks: &dyn WorkerHooks) -> Sent {
        match flushed {
            Flushed::All => return Sent::All,
            Flushed::Waits => return Sent::Waits,
            Flushed::Broken => {
                self.end(key, false, hooks);
                self.remove(key);
            }
            Flushed::Answered => self.end(key, true, hooks),
            Flushed::Closed => self.linger(key),
        }
        Sent::Gone
    }

    /// Shuts the sending side of a closing connection; the socket is closed at once when the peer
    /// has closed already.
    pub(super) fn linger(&self, key: Key) {
        let over = {
            let mut connections = self.connections.borrow_mut();
            let Some(connection) = connections.get_mut(key) else { return };
            let shut = connection.stream.shutdown_write();
            let is_remote = connection.stream.remote().is_some();
            if connection.at_end || shut.is_err() || is_remote {
                true
            } else {
                connection.phase = Phase::Lingering;
                self.sessions.mark(connection.session, Flags::GONE, true);
                self.limit(key, connection, LINGER);
                false
            }
        };
        if over { self.remove(key) } else { self.drain(key) }
    }

    /// Gives a connection so much time from now on; a limit that it had is void.
    pub(super) fn limit(&self, key: Key, connection: &mut Connection, time: Duration) {
        let mut timers = self.reactor.timers().borrow_mut();
        if let Some(timer) = connection.limit.take() {
            timers.cancel(timer);
        }
        let token = Token::new(Source::Conn, key);
        connection.limit = Some(timers.insert(self.reactor.now() + time, token));
    }

    /// Throws away what a lingering connection's peer still sends, until it closes.
    pub(super) fn drain(&self, key: Key) {
        let over = {
            let connections = self.connections.borrow();
            let Some(connection) = connections.get(key) else { return };
            let mut sink = BytesMut::new();
            match connection.stream.receive(&mut sink, RECEIVE) {
                Ok(None) => false,
                Ok(Some(received)) if received.bytes > 0 => {
                    self.reactor.again(Token::new(Source::Conn, key));
                    false
                }
                Ok(Some(_)) | Err(_) => true,
            }
        };
        if over {
            self.remove(key);
        }
    }
}
