//! What workers say, and the output that leaves for the peers.

use bytes::Bytes;

use crate::{
    proto::http1::{encode_continue, encode_error},
    reactor::{Key, Source, Token},
};

use super::super::sessions::SessionId;
use super::{
    client::{Phase, Protocol},
    frame::{Down, Told, Up},
    gate::Gate,
};

impl Gate {
    /// A worker has said something.
    pub(super) fn handle_frame(&mut self, lane: Key, frame: Up) {
        match frame {
            Up::Send { session, completed, begun, upgraded, bytes } => {
                self.queue(lane, session, completed, begun, bytes);
                if upgraded && let Some(key) = self.find(session) {
                    self.pass_on(key, lane);
                }
            }
            Up::End { session, tell } => {
                if let Some(key) = self.leave_home(lane, session, tell) {
                    self.close(key);
                }
            }
            Up::Reset { session, tell } => {
                if let Some(key) = self.leave_home(lane, session, tell) {
                    self.remove(key);
                }
            }
            Up::Read { session, on } => {
                if let Some(key) = self.find(session)
                    && let Some(client) = self.clients.get_mut(key)
                {
                    client.paused = !on;
                    client.unconfirmed &= !on;
                    self.reactor.again(Token::new(Source::Conn, key));
                }
            }
            Up::Leave => self.let_leave(lane),
        }
    }

    /// Sends what is queued for a connection; a closing one ends when all is gone.
    pub(super) fn send(&mut self, key: Key) {
        let Some(client) = self.clients.get_mut(key) else { return };
        if client.phase == Phase::Lingering {
            return;
        }
        match client.stream.flush(&mut self.spare) {
            Err(_) => self.drop_broken(key),
            Ok(gone) => {
                self.count(key);
                let Some(client) = self.clients.get_mut(key) else { return };
                let was_blocked = std::mem::replace(&mut client.blocked, !gone);
                let closing = client.phase == Phase::Closing;
                self.tell_taken(key, was_blocked && gone);
                if closing && gone {
                    self.linger(key);
                }
            }
        }
    }

    /// Refuses what could not be read, once no answer is owed.
    pub(super) fn refuse(&mut self, key: Key) {
        let Some(client) = self.clients.get_mut(key) else { return };
        let Some(http) = client.http_mut() else { return };
        if !http.flights.is_empty() {
            return;
        }
        let Some(status) = http.refusal.take() else { return };
        let stamp = self.date.now(&self.reactor);
        encode_error(client.stream.output().tail(), status, &stamp);
        drop(stamp);
        self.tell_gone(key, Told::ByServer);
        self.close(key);
    }

    /// What its peer sends is no HTTP any more, but for its worker as it comes.
    fn pass_on(&mut self, key: Key, lane: Key) {
        let slot = self.lanes.get(lane).map(|lane| lane.worker_id);
        let Some(client) = self.clients.get_mut(key) else { return };
        let Protocol::Http(http) = &client.protocol else { return };
        let owed = http.flights.iter().filter_map(|flight| flight.sent);
        for (owing, _) in owed {
            if let Some(lane) = self.lanes.get_mut(owing) {
                lane.owed = lane.owed.saturating_sub(1);
            }
        }
        client.protocol = Protocol::Raw;
        client.pinned = slot;
        self.reactor.again(Token::new(Source::Conn, key));
    }

    /// Sends `100 Continue`, as soon as no answer is owed.
    pub(super) fn ask_for_body(&mut self, key: Key) {
        let Some(client) = self.clients.get_mut(key) else { return };
        let Some(http) = client.http_mut() else { return };
        http.continue_due = !http.flights.is_empty();
        if !http.continue_due {
            encode_continue(client.stream.output().tail());
            self.mark(key);
        }
    }

    /// The connection of a session, if it is this thread's.
    pub(super) fn find(&self, session: SessionId) -> Option<Key> {
        let key = Token::from_bits(self.shared.sessions.key_of(session, self.pid)?).key();
        self.clients.get(key).is_some_and(|client| client.session == session).then_some(key)
    }

    fn queue(&mut self, lane: Key, session: SessionId, completed: u16, begun: bool, bytes: Bytes) {
        let found = self.find(session);
        let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let open = |key: &Key| self.clients.get(*key).is_some_and(|c| c.phase == Phase::Open);
        let Some(key) = found.filter(open) else {
            // Its bytes are counted by the worker until it learns of the end.
            return;
        };
        let Some(client) = self.clients.get_mut(key) else { return };
        if !client.homes.contains(&lane) {
            // A worker that has only spoken: it is told of the end, but nothing is sent to it.
            client.homes.insert(0, lane);
        }
        let window = self.config.window;
        let output = client.stream.output();
        output.provide(&mut self.spare);
        output.queue_near(bytes, window);
        let owed = client.complete(completed, begun);
        if client.home() == Some(lane) {
            client.untold += size as usize;
        } else {
            self.push(lane, |out| Down::Taken { session, bytes: size }.encode(out));
        }
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.owed = lane.owed.saturating_sub(owed);
        }
        self.mark(key);
        let Some(http) = self.clients.get(key).and_then(|client| client.http()) else {
            return;
        };
        if http.flights.is_empty() {
            if http.refusal.is_some() {
                self.refuse(key);
            } else if http.continue_due {
                self.ask_for_body(key);
            }
        }
    }

    /// A worker has ended a connection: it needs not be told of it any more. `tell` the one that has
    /// it.
    fn leave_home(&mut self, lane: Key, session: SessionId, tell: bool) -> Option<Key> {
        let key = self.find(session)?;
        let client = self.clients.get_mut(key)?;
        client.homes.retain(|home| *home != lane);
        if tell && client.phase == Phase::Open {
            self.tell_gone(key, Told::ByServer);
        }
        Some(key)
    }

    /// Tells the worker how much of what it sent has left: when it is much, or `all` after a wait.
    fn tell_taken(&mut self, key: Key, all: bool) {
        let Some(client) = self.clients.get_mut(key) else { return };
        let gone = client.untold.saturating_sub(client.stream.output().len());
        if gone == 0 || !(all || gone >= self.config.window / 4) {
            return;
        }
        client.untold -= gone;
        let (session, bytes) = (client.session, u32::try_from(gone).unwrap_or(u32::MAX));
        if let Some(home) = client.home() {
            self.push(home, |out| Down::Taken { session, bytes }.encode(out));
        }
    }
}
