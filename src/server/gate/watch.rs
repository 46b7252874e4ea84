//! Watching peers, as a worker watches its own: silent ones (heartbeat), and HTTP peers that do not
//! finish a request or do not take their answer.

use std::time::{Duration, Instant};

use crate::reactor::{Key, Source, Token};

use super::{
    super::{
        progress::{Fault, Look, REQUEST_TIMEOUT},
        sessions::Flags,
    },
    client::{Client, Phase},
    frame::Told,
    gate::Gate,
};

/// Which timer is due: listeners have small numbers.
const HEARTBEAT: u32 = u32::MAX;
const LOOK: u32 = u32::MAX - 1;

impl Gate {
    /// Begins to watch.
    pub(super) fn watch(&self) {
        if let Some((every, _)) = self.config.watch.heartbeat {
            self.remind(every, HEARTBEAT);
        }
        if let Some(every) = self.config.watch.every() {
            self.remind(every, LOOK);
        }
    }

    /// Whether a due timer of a listener's kind is one of [`watch`](Self::watch).
    pub(super) fn handle_watch(&mut self, token: Token) -> bool {
        match token.key().index() {
            HEARTBEAT => self.end_silent(),
            LOOK => self.look(),
            _ => return false,
        }
        true
    }

    fn remind(&self, after: Duration, which: u32) {
        let token = Token::new(Source::Listener, Key::fixed(which));
        self.reactor.timers().borrow_mut().insert(self.reactor.now() + after, token);
    }

    fn end_silent(&mut self) {
        let Some((every, idle)) = self.config.watch.heartbeat else { return };
        let now = self.reactor.now();
        for key in self.clients.keys() {
            let Some(client) = self.clients.get(key).filter(|c| c.phase == Phase::Open) else {
                continue;
            };
            let silent = self.shared.sessions.find(client.session).is_some_and(|row| {
                !row.flags.has(Flags::PROTECTED)
                    && now.saturating_duration_since(row.received) >= idle
            });
            if silent {
                self.tell_gone(key, Told::ByServer);
                self.close(key);
            }
        }
        self.remind(every, HEARTBEAT);
    }

    fn look(&mut self) {
        let now = self.reactor.now();
        for key in self.clients.keys() {
            match self.fault(key, now) {
                Some(Fault::Request) => {
                    let http = self.clients.get_mut(key).and_then(|client| client.http_mut());
                    if let Some(http) = http {
                        http.last = true;
                        http.refusal = Some(REQUEST_TIMEOUT);
                    }
                    self.refuse(key);
                }
                Some(Fault::Answer) => self.drop_broken(key),
                None => {}
            }
        }
        if let Some(every) = self.config.watch.every() {
            self.remind(every, LOOK);
        }
    }

    /// What is wrong with a connection's peer at this look.
    fn fault(&mut self, key: Key, now: Instant) -> Option<Fault> {
        let client: &mut Client = self.clients.get_mut(key)?;
        if client.phase != Phase::Open {
            return None;
        }
        let http = client.http()?;
        let midway = !client.held && !client.paused && !http.last;
        let midway = midway && (http.decoder.is_midway() || !client.input.is_empty());
        let (made, in_body) = (http.made, http.decoder.is_in_body());
        let look = Look {
            request: midway.then_some(made),
            body: in_body.then(|| self.shared.sessions.received(client.place)),
            flushed: client.stream.is_flushed(),
            progressed: &mut client.progressed,
        };
        client.seen.handle_look(look, &self.config.watch, now)
    }
}
