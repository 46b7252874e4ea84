//! `Swoole\Connection\Iterator`: the sessions of a server or a port, of all its workers; and what
//! PHP is told of one.

use std::{
    cell::{Cell, RefCell},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{
    reactor::monotonic,
    server::{Place, Session, SessionId, SessionInfo},
    zend::{
        Arg, Array, Call, ClassDef, Method, ObjRef, State, Thrown, Value,
        class::{Class, Handlers},
        define::Interface,
    },
};

use super::state::Shared;

static ITERATOR: Class = Class::new("Swoole\\Connection\\Iterator");
static HANDLERS: Handlers = Handlers::new();

/// Registers the class.
pub(super) fn register() {
    let fd = || Arg::new("fd", "mixed");
    ClassDef::new::<Connections>(&ITERATOR)
        .alias("swoole_connection_iterator")
        .implements(Interface::Iterator)
        .implements(Interface::Countable)
        .implements(Interface::ArrayAccess)
        .method(Method::new("rewind", rewind).returns("void"))
        .method(Method::new("valid", valid).returns("bool"))
        .method(Method::new("current", current).returns("mixed"))
        .method(Method::new("key", key).returns("mixed"))
        .method(Method::new("next", next).returns("void"))
        .method(Method::new("count", count).returns("int"))
        .method(Method::new("offsetExists", exists).arg(fd()).returns("bool"))
        .method(Method::new("offsetGet", get).arg(fd()).returns("mixed"))
        .method(
            Method::new("offsetSet", |call| ignore(call, 2))
                .arg(fd())
                .arg(Arg::new("value", "mixed"))
                .returns("void"),
        )
        .method(Method::new("offsetUnset", |call| ignore(call, 1)).arg(fd()).returns("void"))
        .register();
}

/// The state of an iterator. Without `shared` the server does not run yet, and there is nothing.
struct Connections {
    shared: RefCell<Option<Shared>>,
    /// Sessions of this port only.
    port: Cell<Option<u16>>,
    at: Cell<Option<(Place, SessionId)>>,
    key: Cell<i64>,
}

impl State for Connections {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
    fn create() -> Self {
        Connections {
            shared: RefCell::new(None),
            port: Cell::new(None),
            at: Cell::new(None),
            key: Cell::new(0),
        }
    }
}

/// An iterator over all sessions, or over a port's.
pub(super) fn new(port: Option<u16>) -> Result<ObjRef, Thrown> {
    let object = ObjRef::new_of(&ITERATOR)?;
    if let Some(state) = object.as_state::<Connections>() {
        state.port.set(port);
    }
    Ok(object)
}

/// The server starts: the iterator in this property sees its sessions from now on.
pub(super) fn attach(property: &Value, shared: &Shared) {
    let object = property.as_object();
    if let Some(state) = object.as_ref().and_then(|object| object.as_state::<Connections>()) {
        state.shared.replace(Some(shared.clone()));
    }
}

/// What `getClientInfo` gives; with `closed` for a session that has been closed too.
pub(super) fn info(shared: &Shared, id: SessionId, closed: bool) -> Option<Array> {
    let session = shared.sessions.find(id)?;
    let info = SessionInfo::of(&session, monotonic());
    if !(info.active || info.in_close || closed) {
        return None;
    }
    let port = shared.ports.get(usize::from(info.port));
    let mut array = Array::new(11);
    if info.uid != 0 {
        array.insert(b"uid", i64::from(info.uid));
    }
    array.insert(b"server_port", port.map_or(0, |port| i64::from(port.number)));
    array.insert(b"server_fd", port.map_or(0, |port| i64::from(port.descriptor)));
    array.insert(b"socket_fd", i64::from(info.socket_fd));
    array.insert(b"socket_type", port.map_or(0, |port| port.kind));
    if let Some(peer) = info.peer {
        array.insert(b"remote_port", i64::from(peer.port()));
        array.insert(b"remote_ip", peer.ip().to_string().as_str());
    }
    array.insert(b"reactor_id", i64::from(info.reactor));
    array.insert(b"connect_time", seconds(info.connect_time));
    array.insert(b"last_time", seconds(info.last_time));
    array.insert(b"close_errno", 0i64);
    Some(array)
}

/// At most `count` ids behind `start` in the order of the table; 0 is its beginning. `None`: `start`
/// is not known, or the last.
pub(super) fn list(shared: &Shared, start: i64, count: usize) -> Option<Array> {
    let mut place = match SessionId::try_from(start).ok()? {
        0 => Place::FIRST,
        start => shared.sessions.place_of(start)?.after(),
    };
    let mut ids = Array::new(count);
    while ids.len() < count
        && let Some((found, session)) = shared.sessions.from_place(place)
    {
        place = found.after();
        if is_active(&session) {
            ids.push(Value::long(session.id.into()));
        }
    }
    (start == 0 || count == 0 || !ids.is_empty()).then_some(ids)
}

fn is_active(session: &Session) -> bool {
    !session.flags.has(crate::server::Flags::CLOSING)
}

fn seconds(at: SystemTime) -> i64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(0)
}

impl Connections {
    fn shared(&self) -> Option<Shared> {
        self.shared.borrow().clone()
    }

    /// Goes to the first active session at or behind a place.
    fn go_on(&self, mut place: Place) {
        let shared = self.shared();
        let found = shared.and_then(|shared| {
            loop {
                let (at, session) = shared.sessions.from_place(place)?;
                if is_active(&session) && self.is_mine(&session) {
                    return Some((at, session.id));
                }
                place = at.after();
            }
        });
        self.at.set(found);
    }

    fn is_mine(&self, session: &Session) -> bool {
        self.port.get().is_none_or(|port| port == session.opening.port)
    }
}

fn rewind(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let state = call.this::<Connections>()?;
    state.key.set(0);
    state.go_on(Place::FIRST);
    Ok(())
}

fn valid(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.ret_bool(call.this::<Connections>()?.at.get().is_some());
    Ok(())
}

fn current(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    match call.this::<Connections>()?.at.get() {
        Some((_, id)) => call.ret_long(id.into()),
        None => call.ret_bool(false),
    }
    Ok(())
}

fn key(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.ret_long(call.this::<Connections>()?.key.get());
    Ok(())
}

fn next(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let state = call.this::<Connections>()?;
    if let Some((at, _)) = state.at.get() {
        state.key.set(state.key.get() + 1);
        state.go_on(at.after());
    }
    Ok(())
}

fn count(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let state = call.this::<Connections>()?;
    let sessions = state.shared().map(|shared| shared.sessions);
    let number = sessions.map_or(0, |sessions| {
        sessions.iter().filter(|session| is_active(session) && state.is_mine(session)).count()
    });
    call.ret_long(i64::try_from(number).unwrap_or(i64::MAX));
    Ok(())
}

fn exists(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let state = call.this::<Connections>()?;
    let found = find(call, state).is_some_and(|(_, session)| is_active(&session));
    call.ret_bool(found);
    Ok(())
}

fn get(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let state = call.this::<Connections>()?;
    let found = find(call, state).and_then(|(shared, session)| info(&shared, session.id, false));
    match found {
        Some(array) => call.ret_value(array),
        None => call.ret_bool(false),
    }
    Ok(())
}

fn find(call: &Call<'_>, state: &Connections) -> Option<(Shared, Session)> {
    let shared = state.shared()?;
    let id = SessionId::try_from(call.value(0).to_long()).ok()?;
    let session = shared.sessions.find(id).filter(|session| state.is_mine(session))?;
    Some((shared, session))
}

/// Sessions are opened and closed by peers and `close()`, not through the iterator.
fn ignore(call: &Call<'_>, arguments: usize) -> Result<(), Thrown> {
    call.args(arguments, arguments)?;
    // `$connections[] = ...` has no key.
    if !call.value(0).is_null() {
        call.long(0)?;
    }
    Ok(())
}
