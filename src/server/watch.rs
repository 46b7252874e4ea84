//! Watching peers: silent ones (heartbeat), and HTTP peers that do not finish a request or do not take
//! their answer.

use std::time::{Duration, Instant};

use crate::{
    options::WatchOptions,
    reactor::{Key, Source, Token},
};

use super::{
    connection::{Connection, Phase, Protocol},
    progress::{Fault, Look, REQUEST_TIMEOUT},
    sessions::{Flags, SessionId, Sessions},
    worker::{Worker, WorkerHooks},
};

/// When to look, and what is too long.
#[derive(Clone, Debug, Default)]
pub struct WatchConfig {
    /// Between looks for silent peers, and the silence that ends a connection.
    pub heartbeat: Option<(Duration, Duration)>,
    /// For the head of a request.
    pub header: Option<Duration>,
    /// For the next bytes of a body.
    pub body: Option<Duration>,
    /// For the next bytes of an answer to be taken.
    pub write: Option<Duration>,
}

/// Which timer is due: listeners have small numbers.
const HEARTBEAT: u32 = u32::MAX;
const LOOK: u32 = u32::MAX - 1;
/// Its turn does the work: connections that could not be given away are tried again.
const GIVE: u32 = u32::MAX - 2;
/// When the system had no descriptor, or no memory.
const GIVE_AGAIN: Duration = Duration::from_millis(10);
/// The longest time between two looks.
const LONGEST: Duration = Duration::from_secs(5);

impl WatchConfig {
    /// What the options say.
    #[must_use]
    pub fn new(options: &WatchOptions) -> WatchConfig {
        WatchConfig {
            heartbeat: options.heartbeat_check_interval.zip(options.idle_time()),
            header: options.header_timeout,
            body: options.body_timeout,
            write: options.write_timeout,
        }
    }

    pub(super) fn every(&self) -> Option<Duration> {
        let shortest = [self.header, self.body, self.write].into_iter().flatten().min()?;
        Some((shortest / 4).clamp(Duration::from_millis(10), LONGEST))
    }
}

impl Sessions {
    /// Open sessions from which nothing has come since then, protected ones left out.
    #[must_use]
    pub fn silent_since(&self, then: Instant) -> Vec<SessionId> {
        let silent = |session: &super::Session| {
            session.received <= then
                && !session.flags.has(Flags::PROTECTED)
                && !session.flags.has(Flags::CLOSING)
        };
        self.iter().filter(silent).map(|session| session.id).collect()
    }
}

impl Worker {
    /// Whether a due timer of a listener's kind is one of these.
    pub(super) fn handle_watch(&self, token: Token, hooks: &dyn WorkerHooks) -> bool {
        match token.key().index() {
            HEARTBEAT => self.end_silent(hooks),
            LOOK => self.look(hooks),
            GIVE => self.giving_later.set(false),
            _ => return false,
        }
        true
    }

    /// Begins to look for silent peers.
    pub(super) fn watch_silence(&self) {
        if let Some((every, _)) = self.config.watch.heartbeat {
            self.remind(every, HEARTBEAT);
        }
    }

    /// A connection stands: looks at the requests and answers of all from now on, until there is
    /// none.
    pub(super) fn watch_progress(&self) {
        if !self.looking.get()
            && let Some(every) = self.config.watch.every()
        {
            self.looking.set(true);
            self.remind(every, LOOK);
        }
    }

    /// Connections are to be given away at the end of a turn.
    pub(super) fn give_soon(&self) {
        self.reactor.again(Token::new(Source::Listener, Key::fixed(GIVE)));
    }

    /// Connections wait to be given away.
    pub(super) fn give_later(&self) {
        if !self.giving_later.replace(true) {
            self.remind(GIVE_AGAIN, GIVE);
        }
    }

    fn remind(&self, after: Duration, which: u32) {
        let token = Token::new(Source::Listener, Key::fixed(which));
        self.reactor.timers().borrow_mut().insert(self.reactor.now() + after, token);
    }

    fn end_silent(&self, hooks: &dyn WorkerHooks) {
        let Some((_, idle)) = self.config.watch.heartbeat else { return };
        if self.is_remote() {
            // The I/O threads see to it.
            return;
        }
        let now = self.reactor.now();
        let keys: Vec<(Key, SessionId)> = {
            let connections = self.connections.borrow();
            connections.iter().map(|(key, connection)| (key, connection.session)).collect()
        };
        for (key, session) in keys {
            let silent = self.sessions.find(session).is_some_and(|session| {
                let silence = now.checked_duration_since(session.received);
                !session.flags.has(Flags::PROTECTED) && silence.is_some_and(|time| time >= idle)
            });
            if silent {
                self.end(key, true, hooks);
            }
            if hooks.stopped() {
                return;
            }
        }
        self.watch_silence();
    }

    fn look(&self, hooks: &dyn WorkerHooks) {
        self.looking.set(false);
        let now = self.reactor.now();
        let faults: Vec<(Key, Fault)> = {
            let mut connections = self.connections.borrow_mut();
            let keys = connections.keys();
            if !keys.is_empty() {
                self.watch_progress();
            }
            let look = |key: Key| {
                let connection = connections.get_mut(key)?;
                self.fault(connection, now).map(|fault| (key, fault))
            };
            keys.into_iter().filter_map(look).collect()
        };
        for (key, fault) in faults {
            match fault {
                Fault::Request => self.refuse_with(key, REQUEST_TIMEOUT),
                Fault::Answer => {
                    self.end(key, false, hooks);
                }
            }
            if hooks.stopped() {
                return;
            }
        }
    }

    /// What is wrong with a connection's peer at this look.
    fn fault(&self, connection: &mut Connection, now: Instant) -> Option<Fault> {
        let Protocol::Http(http) = &connection.protocol else { return None };
        if connection.phase != Phase::Open {
            return None;
        }
        let watch = &self.config.watch;
        let midway = !connection.held && !connection.paused && !http.last;
        let midway = midway && (http.decoder.is_midway() || !connection.input.is_empty());
        let in_body = http.decoder.is_in_body();
        let look = Look {
            request: midway.then(|| http.exchanges.made().into()),
            body: in_body.then(|| self.sessions.received(connection.place)),
            flushed: connection.stream.is_flushed(),
            progressed: &mut connection.progressed,
        };
        connection.seen.handle_look(look, watch, now)
    }
}
