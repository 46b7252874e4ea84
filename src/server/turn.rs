//! The turn of one connection: reads, hands over what is complete, sends, and ends what has ended.
//!
//! No borrow is open while a hook runs, and after it the connection is looked up again. Readiness
//! comes once: whoever stops before all is read or taken asks to be looked at again.

use std::time::Duration;

use bytes::BytesMut;

use crate::{
    proto::http1::Request,
    reactor::{Key, Source, Token},
};

use super::{
    connection::{Arrival, Connection, Phase, Protocol},
    sessions::Flags,
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

/// Bytes received at most in one turn and connection.
const RECEIVE: usize = 64 * 1024;
/// How long a shut connection waits for its peer to close too.
const LINGER: Duration = Duration::from_secs(2);

impl Worker {
    /// Reads what is there, hands over what is complete, and sends the answers.
    pub(super) fn advance(&self, key: Key, hooks: &dyn WorkerHooks) {
        let mut shared = std::mem::take(&mut self.buffers.borrow_mut().input);
        let mut received = false;
        let outer = self.advancing.replace(Some(key));
        loop {
            let more = self.take_arrivals(key, &mut shared, hooks);
            if !more || received || hooks.stopped() {
                break;
            }
            received = true;
            if !self.receive(key, &mut shared) {
                break;
            }
        }
        self.advancing.set(outer);
        shared.clear();
        self.buffers.borrow_mut().input = shared;
        if hooks.stopped() {
            // The turn sends nothing any more: what is finished waits for the last flush.
            if let Some(connection) = self.connections.borrow_mut().get_mut(key) {
                self.mark_unsent(key, connection);
            }
            return;
        }
        let sent = self.send_queued(key, hooks);
        if sent != Sent::Gone {
            self.finish_turn(key, sent == Sent::All, hooks);
        }
    }

    /// Hands over what is complete in the input. `true`: more input is wanted.
    fn take_arrivals(&self, key: Key, shared: &mut BytesMut, hooks: &dyn WorkerHooks) -> bool {
        // What the connection kept goes before what was just received: `receive` has appended it.
        let mut own = match self.connections.borrow_mut().get_mut(key) {
            Some(connection) if connection.input.is_empty() => {
                if shared.is_empty() {
                    connection.held = false;
                    return connection.may_advance();
                }
                BytesMut::new()
            }
            Some(connection) => std::mem::take(&mut connection.input),
            None => return false,
        };
        let keeps = !own.is_empty();
        let input = if keeps { &mut own } else { shared };
        let wanted = loop {
            let arrival = {
                let mut connections = self.connections.borrow_mut();
                let Some(connection) = connections.get_mut(key) else { return false };
                let may_advance = connection.may_advance();
                connection.held = !may_advance && !input.is_empty();
                // Without input a decoder has nothing to say that it has not said.
                if !may_advance || input.is_empty() {
                    break may_advance;
                }
                match connection.next_arrival(input, &self.config.limits) {
                    Some(arrival) => arrival,
                    None => break true,
                }
            };
            self.handle_arrival(key, arrival, input, hooks);
            if hooks.stopped() {
                break false;
            }
        };
        if !input.is_empty()
            && let Some(connection) = self.connections.borrow_mut().get_mut(key)
            && connection.phase == Phase::Open
        {
            // The shared buffer serves the next connection: only what is left of it is kept.
            connection.input = if keeps { own } else { BytesMut::from(&input[..]) };
        }
        wanted
    }

    fn handle_arrival(
        &self,
        key: Key,
        arrival: Arrival,
        input: &mut BytesMut,
        hooks: &dyn WorkerHooks,
    ) {
        match arrival {
            Arrival::Request(request) => {
                let Some(exchange) = self.take_request(key, &request) else { return };
                self.count_request();
                hooks.on_request(exchange, request);
            }
            Arrival::Bytes => {
                let Some(session) = self.connections.borrow().get(key).map(|c| c.session) else {
                    return;
                };
                self.count_request();
                let data = input.split();
                hooks.on_receive(session, &data);
            }
            Arrival::Continue => {
                if let Some(connection) = self.connections.borrow_mut().get_mut(key) {
                    connection.ask_for_body();
                }
            }
            Arrival::Malformed(error) => self.refuse(key, error),
        }
    }

    fn take_request(&self, key: Key, request: &Request) -> Option<ExchangeId> {
        let mut connections = self.connections.borrow_mut();
        let connection = connections.get_mut(key)?;
        let Protocol::Http(http) = &mut connection.protocol else { return None };
        let keep_alive = request.keep_alive() && !self.retiring.get();
        http.last = !keep_alive;
        http.continue_due = false;
        let serial = http.exchanges.push(request.version(), request.is_head(), keep_alive);
        Some(ExchangeId { connection: key, serial })
    }

    fn count_request(&self) {
        self.counters.request();
        let served = self.served.get() + 1;
        self.served.set(served);
        if served == self.config.max_request {
            self.recycle_due.set(true);
        }
    }

    /// One receive into the shared buffer, or behind what the connection kept. `false`: nothing
    /// came that could be handed over.
    fn receive(&self, key: Key, shared: &mut BytesMut) -> bool {
        let mut connections = self.connections.borrow_mut();
        let Some(connection) = connections.get_mut(key) else { return false };
        if connection.at_end || !(connection.readable || connection.read_closed) {
            return false;
        }
        // Not to the kept input itself: room for a whole receive would stay with every connection
        // whose message is late.
        match connection.stream.receive(shared, RECEIVE) {
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

    /// The end of a connection's turn: ends what has ended, comes back for what waits.
    fn finish_turn(&self, key: Key, flushed: bool, hooks: &dyn WorkerHooks) {
        let by_server = {
            let mut connections = self.connections.borrow_mut();
            let Some(connection) = connections.get_mut(key) else { return };
            if connection.phase != Phase::Open {
                return;
            }
            let waits = connection.held || connection.readable || connection.read_closed;
            if connection.at_end {
                (flushed && !connection.owes()).then_some(false)
            } else if waits && connection.may_advance() {
                self.reactor.again(Token::new(Source::Conn, key));
                None
            } else {
                let idle = self.closing_idle.get() && !waits && connection.is_idle();
                (flushed && idle).then_some(true)
            }
        };
        if let Some(by_server) = by_server {
            self.end(key, by_server, hooks);
        }
    }

    /// Sends what is queued.
    pub(super) fn send_queued(&self, key: Key, hooks: &dyn WorkerHooks) -> Sent {
        enum After {
            Broken,
            Answered,
            Closed,
        }
        let after = {
            let mut connections = self.connections.borrow_mut();
            let Some(connection) = connections.get_mut(key) else { return Sent::Gone };
            match connection.flush(&mut self.buffers.borrow_mut().spare) {
                Ok(false) => {
                    connection.unsent = false;
                    return Sent::Waits;
                }
                Err(_) => After::Broken,
                Ok(true) if connection.phase == Phase::Closing => After::Closed,
                Ok(true) => match &connection.protocol {
                    Protocol::Http(http) if http.last && http.exchanges.is_empty() => {
                        After::Answered
                    }
                    Protocol::Http(_) | Protocol::Raw => {
                        connection.unsent = false;
                        return Sent::All;
                    }
                },
            }
        };
        match after {
            After::Broken => {
                self.end(key, false, hooks);
                self.remove(key);
            }
            After::Answered => self.end(key, true, hooks),
            After::Closed => self.linger(key),
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
