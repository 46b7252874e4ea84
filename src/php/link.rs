//! What the async clients share: one connection at a time, its tether, its callbacks.
//!
//! The loop asks a client for the next callback ([`AsyncClient::poll`]) and calls it with nothing
//! of the client borrowed and no reference but the tether and the arguments, so that each object
//! dies exactly when contract C2 says.

use std::cell::{Cell, RefCell};

use crate::{
    client::{Connection, End, Session, Target},
    net::{Answer, Ticket},
    reactor::{Key, Ready, Source, Token},
    zend::{Callback, ObjRef, State, Value, ZStr},
};

use super::{
    callbacks::Callbacks,
    engine::{Engine, ledger},
};
use crate::ledger::RowId;

/// A client as the loop sees it. None of these calls PHP.
pub(super) trait AsyncClient {
    /// The descriptor of its connection is ready.
    fn handle_ready(&self, engine: &Engine, ready: Ready);
    /// The resolver has answered it.
    fn handle_answer(&self, engine: &Engine, ticket: Ticket, answer: Answer);
    /// A timer of its connection is due.
    fn handle_timeout(&self, engine: &Engine);
    /// What is to be done next for the connection of the tether `key`.
    fn poll(&self, engine: &Engine, me: &ObjRef, key: Key) -> Next;
    /// What the callback of a [`Next::Ask`] has returned.
    fn handle_reply(&self, engine: &Engine, key: Key, reply: i64);
    /// The loop ends: closes the connection without a callback. Gives the one-shot callbacks that
    /// will not be called, to be dropped.
    fn discard(&self, engine: &Engine) -> Vec<Callback>;
    /// In a forked child: lets go of the connection, which is the parent's, without a sign to anybody.
    /// Gives the one-shot callbacks that wait.
    fn forget(&self) -> Vec<Callback>;
    /// Tells objects apart that had the same handle one after the other.
    fn serial(&self) -> u64;
    /// Whether there is a connection, or one is being made.
    fn is_connected(&self) -> bool;
    /// Whether it is connecting, or waits for an answer.
    fn is_busy(&self) -> bool;
    /// Whether its peer speaks when it wants: an open connection alone is work under way then.
    fn is_stream(&self) -> bool;
    /// How many references on the client its own callbacks hold directly.
    fn directly_held(&self, me: &ObjRef) -> usize;
    /// Takes the event callbacks away from the object, to be dropped.
    fn take_callbacks(&self, me: &ObjRef) -> Vec<Callback>;
}

/// What a connection needs next.
pub(super) enum Next {
    /// A callback is to be called.
    Call(Job),
    /// A callback is to be called whose result, an int, the connection waits for.
    Ask(Job),
    /// A callback is missing that the user should have registered.
    Warn(&'static str),
    /// One-shot callbacks that will not be called are to be dropped.
    Release(Vec<Callback>),
    /// The connection has ended and all its callbacks have run.
    Ended,
    /// Nothing for now.
    Idle,
}

/// A callback and its arguments.
pub(super) struct Job {
    pub(super) callback: Callback,
    pub(super) args: Args,
}

impl Next {
    /// A call with the client alone.
    pub(super) fn call(callback: Callback, me: &ObjRef) -> Next {
        let args = Args { values: [me.into(), Value::null()], len: 1 };
        Next::Call(Job { callback, args })
    }

    /// A call with the client and what there is to tell.
    pub(super) fn call_with(callback: Callback, me: &ObjRef, value: impl Into<Value>) -> Next {
        let args = Args { values: [me.into(), value.into()], len: 2 };
        Next::Call(Job { callback, args })
    }
}

impl Job {
    /// A call with one value, and without the client.
    pub(super) fn with(callback: Callback, value: impl Into<Value>) -> Job {
        Job { callback, args: Args { values: [value.into(), Value::null()], len: 1 } }
    }

    /// A call with two values, and without the client.
    pub(super) fn with_two(
        callback: Callback,
        first: impl Into<Value>,
        second: impl Into<Value>,
    ) -> Job {
        Job { callback, args: Args { values: [first.into(), second.into()], len: 2 } }
    }
}

/// The arguments of a client's callback.
pub(super) struct Args {
    values: [Value; 2],
    len: usize,
}

impl AsRef<[Value]> for Args {
    fn as_ref(&self) -> &[Value] {
        self.values.get(..self.len).unwrap_or_default()
    }
}

/// A PHP class whose objects are async clients.
pub(super) trait Client: State {
    /// What runs on its connection.
    type Session: Session;

    /// The part that all clients share.
    fn link(&self) -> &Link<Self::Session>;
    /// Sets the object's properties for an event and gives what follows from it.
    fn job(&self, me: &ObjRef, event: <Self::Session as Session>::Event) -> Option<Next>;
    /// Whether an event is the last that its connection tells.
    fn is_last(event: &<Self::Session as Session>::Event) -> bool;
    /// What follows from the connection's standing, before the session's own events.
    fn first_job(&self, _me: &ObjRef) -> Option<Next> {
        None
    }
    /// What follows the session's own events, once its connection has ended. `stood`: it had been
    /// open.
    fn last_job(&self, _me: &ObjRef, _end: End, _stood: bool) -> Option<Next> {
        None
    }
    /// What the callback of a [`Next::Ask`] has returned; the session's input is handled again then.
    fn set_reply(_session: &mut Self::Session, _reply: i64) {}
    /// All of an ended connection is told; its tether goes next. The client may start another.
    fn handle_over(&self, _engine: &Engine, _me: &ObjRef) {}
    /// Takes away the one-shot callbacks that wait.
    fn take_waiting(&self) -> Vec<Callback> {
        Vec::new()
    }
    /// Takes away one-shot callbacks that the end of the connection leaves without a call.
    fn take_leftover(&self) -> Vec<Callback> {
        Vec::new()
    }
    /// Whether an answer is outstanding on an open connection.
    fn waits(&self) -> bool {
        false
    }
    /// Whether its peer speaks when it wants: an open connection alone is work under way then.
    const IS_STREAM: bool = false;
    /// The client's own one-shot callbacks are kept elsewhere; these are those of `on()`.
    fn callbacks(&self) -> &Callbacks {
        &self.link().callbacks
    }
}

/// The shared part of a client's state.
pub(super) struct Link<S> {
    live: RefCell<Option<Live<S>>>,
    /// Connections that have ended and whose callbacks are still being called.
    ending: RefCell<Vec<Live<S>>>,
    pub(super) callbacks: Callbacks,
    serial: u64,
}

struct Live<S> {
    key: Key,
    row: RowId,
    connection: Connection<S>,
    opened: bool,
    told_end: bool,
}

thread_local! {
    static SERIAL: Cell<u64> = const { Cell::new(0) };
}

impl<S> Default for Link<S> {
    /// Without a connection.
    fn default() -> Link<S> {
        let serial = SERIAL.get() + 1;
        SERIAL.set(serial);
        Link {
            live: RefCell::new(None),
            ending: RefCell::default(),
            callbacks: Callbacks::default(),
            serial,
        }
    }
}

impl<S: Session> Link<S> {
    /// Starts a connection and takes the tether (contract A2). The caller has made sure that there
    /// is none.
    pub(super) fn start(
        &self,
        engine: &Engine,
        me: ObjRef,
        as_client: super::engine::AsClient,
        session: S,
        target: Target,
        peer: (ZStr, u16),
    ) {
        let (key, row) = engine.tether(me, as_client, peer);
        let token = Token::new(Source::Client, key);
        let connection = Connection::start(engine.io(), session, target, token);
        let live = Live { key, row, connection, opened: false, told_end: false };
        self.live.replace(Some(live));
    }

    /// Whether there is a connection, or one is being made.
    pub(super) fn is_started(&self) -> bool {
        self.live.borrow().is_some()
    }

    /// Whether the connection stands.
    pub(super) fn is_open(&self) -> bool {
        self.live.borrow().as_ref().is_some_and(|live| live.connection.is_open())
    }

    /// The descriptor of the connection; 0 if there is none.
    pub(super) fn descriptor(&self) -> i32 {
        self.with_connection(|connection| connection.descriptor()).flatten().unwrap_or(0)
    }

    /// Gives a command to the session; its output leaves at the end of the turn. `None` without a
    /// connection. `act` must not call PHP.
    pub(super) fn with_session<R>(
        &self,
        engine: &Engine,
        act: impl FnOnce(&mut S) -> R,
    ) -> Option<R> {
        let mut live = self.live.borrow_mut();
        let live = live.as_mut()?;
        let answer = act(live.connection.session());
        engine.touch(live.key);
        Some(answer)
    }

    /// Acts on a connection that stands, whose output leaves at the end of the turn. `None` without
    /// one. `act` must not call PHP.
    pub(super) fn with_open<R>(
        &self,
        engine: &Engine,
        act: impl FnOnce(&mut Connection<S>) -> R,
    ) -> Option<R> {
        let mut live = self.live.borrow_mut();
        let live = live.as_mut().filter(|live| live.connection.is_open())?;
        engine.touch(live.key);
        Some(act(&mut live.connection))
    }

    /// Looks at the connection. `None` if there is none. `look` must not call PHP.
    pub(super) fn with_connection<R>(
        &self,
        look: impl FnOnce(&mut Connection<S>) -> R,
    ) -> Option<R> {
        self.live.borrow_mut().as_mut().map(|live| look(&mut live.connection))
    }

    /// Ends the connection: callbacks of its end run before this returns. `false` if there is none,
    /// or its end has been told. One that did not stand yet ends without a callback (contract A4).
    /// `before` tells the session.
    pub(super) fn close(&self, engine: &Engine, before: impl FnOnce(&mut S)) -> bool {
        let Some(mut live) = self.live.take() else {
            // The peer was first, and something is still to be told of that connection.
            let key = {
                let mut ending = self.ending.borrow_mut();
                let Some(live) = ending.iter_mut().rev().find(|live| !live.told_end) else {
                    return false;
                };
                before(live.connection.session());
                live.key
            };
            engine.pump(key);
            return true;
        };
        let key = live.key;
        if live.connection.is_open() {
            before(live.connection.session());
            live.connection.close(engine.io(), End::Local);
            self.set_ending(live);
            engine.pump(key);
        } else {
            live.connection.discard(engine.io());
            engine.untether(key);
        }
        true
    }

    fn set_ending(&self, live: Live<S>) {
        ledger().set_state(live.row, "closing");
        self.ending.borrow_mut().push(live);
    }

    /// The next event of the connection of `key`, and whether that connection has ended.
    fn next_event(&self, engine: &Engine, key: Key) -> Found<S::Event> {
        let mut slot = self.live.borrow_mut();
        if let Some(live) = slot.as_mut().filter(|live| live.key == key) {
            if !live.opened && live.connection.has_stood() {
                live.opened = true;
                ledger().set_state(live.row, "open");
                return Found::Opened;
            }
            let mut event = live.connection.poll_event(engine.io());
            if event.is_none() && !live.connection.is_ended() {
                live.connection.settle(engine.io());
                event = live.connection.poll_event(engine.io());
            }
            if !live.connection.is_ended() {
                return event.map_or(Found::Idle, Found::Event);
            }
            if let Some(live) = slot.take() {
                drop(slot);
                self.set_ending(live);
            }
            return event.map_or(Found::Retry, Found::Event);
        }
        drop(slot);
        let mut ending = self.ending.borrow_mut();
        let Some(at) = ending.iter().position(|live| live.key == key) else { return Found::Over };
        let Some(live) = ending.get_mut(at) else { return Found::Over };
        if let Some(event) = live.connection.poll_event(engine.io()) {
            return Found::Event(event);
        }
        if !live.told_end {
            live.told_end = true;
            return Found::End(live.connection.end_reason(), live.opened);
        }
        let over = ending.remove(at);
        drop(ending);
        drop(over);
        Found::Over
    }

    /// The last event of the connection of `key` is being told.
    fn set_told(&self, key: Key) {
        let mut ending = self.ending.borrow_mut();
        if let Some(live) = ending.iter_mut().find(|live| live.key == key) {
            live.told_end = true;
        }
    }

    /// Whether a connection has ended whose end is still being told.
    pub(super) fn is_ending(&self) -> bool {
        !self.ending.borrow().is_empty()
    }
}

enum Found<E> {
    Opened,
    Event(E),
    End(Option<End>, bool),
    Over,
    Retry,
    Idle,
}

impl<C: Client> AsyncClient for C {
    fn handle_ready(&self, engine: &Engine, ready: Ready) {
        if let Some(live) = self.link().live.borrow_mut().as_mut() {
            live.connection.handle_ready(engine.io(), ready);
        }
    }

    fn handle_answer(&self, engine: &Engine, ticket: Ticket, answer: Answer) {
        if let Some(live) = self.link().live.borrow_mut().as_mut() {
            live.connection.handle_answer(engine.io(), ticket, answer);
        }
    }

    fn handle_timeout(&self, engine: &Engine) {
        if let Some(live) = self.link().live.borrow_mut().as_mut() {
            live.connection.handle_timeout(engine.io());
        }
    }

    fn poll(&self, engine: &Engine, me: &ObjRef, key: Key) -> Next {
        loop {
            let next = match self.link().next_event(engine, key) {
                Found::Opened => self.first_job(me),
                Found::Event(event) => {
                    if C::is_last(&event) {
                        self.link().set_told(key);
                    }
                    self.job(me, event)
                }
                Found::End(end, stood) => end.and_then(|end| self.last_job(me, end, stood)),
                Found::Over => {
                    let left = self.take_leftover();
                    if !left.is_empty() {
                        return Next::Release(left);
                    }
                    self.handle_over(engine, me);
                    return Next::Ended;
                }
                Found::Retry => None,
                Found::Idle => return Next::Idle,
            };
            if let Some(next) = next {
                return next;
            }
        }
    }

    fn handle_reply(&self, engine: &Engine, key: Key, reply: i64) {
        let mut live = self.link().live.borrow_mut();
        if let Some(live) = live.as_mut().filter(|live| live.key == key) {
            C::set_reply(live.connection.session(), reply);
            live.connection.resume_input(engine.io());
        }
    }

    fn discard(&self, engine: &Engine) -> Vec<Callback> {
        if let Some(mut live) = self.link().live.take() {
            live.connection.discard(engine.io());
        }
        drop(self.link().ending.take());
        self.take_waiting()
    }

    fn forget(&self) -> Vec<Callback> {
        drop(self.link().live.take());
        drop(self.link().ending.take());
        self.take_waiting()
    }

    fn serial(&self) -> u64 {
        self.link().serial
    }

    fn is_connected(&self) -> bool {
        self.link().is_started()
    }

    fn is_busy(&self) -> bool {
        self.link().is_started() && (!self.link().is_open() || self.waits())
    }

    fn is_stream(&self) -> bool {
        Self::IS_STREAM
    }

    fn directly_held(&self, me: &ObjRef) -> usize {
        self.callbacks().directly_held(me)
    }

    fn take_callbacks(&self, me: &ObjRef) -> Vec<Callback> {
        self.callbacks().take(me)
    }
}

/// The client in an object of its class.
pub(super) fn as_client<C: Client>(object: &ObjRef) -> Option<&dyn AsyncClient> {
    object.as_state::<C>().map(|client| client as &dyn AsyncClient)
}
