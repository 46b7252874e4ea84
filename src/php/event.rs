//! `Swoole\Event` and `swoole_event_*`: PHP's own descriptors and callbacks on the loop.

use crate::{
    reactor::Key,
    sys::descriptor,
    zend::{
        Arg, Call, ClassDef, Function, Method, Thrown, Value, bridge, class::Class, error,
        module::Registry,
    },
};

use super::{
    client::CLIENT,
    engine::{Engine, Stop, current, engine},
    process::PROCESS,
    settings::warn,
    watcher::{Flags, Watch, reason},
};

static EVENT: Class = Class::new("Swoole\\Event");

const READ: i64 = 512;
const WRITE: i64 = 1024;

type Offer = (&'static str, &'static str, fn(&'static str) -> Method);

const OFFERS: [Offer; 10] = [
    ("add", "swoole_event_add", |name| {
        Method::new(name, add)
            .arg(Arg::new("fd", "mixed"))
            .arg(Arg::new("read_callback", "?callable").default("null"))
            .arg(Arg::new("write_callback", "?callable").default("null"))
            .arg(Arg::new("flags", "int").default("0"))
            .returns("int|false")
    }),
    ("set", "swoole_event_set", |name| {
        Method::new(name, set)
            .arg(Arg::new("fd", "mixed"))
            .arg(Arg::new("read_callback", "?callable").default("null"))
            .arg(Arg::new("write_callback", "?callable").default("null"))
            .arg(Arg::new("flags", "int").default("0"))
            .returns("bool")
    }),
    ("del", "swoole_event_del", |name| {
        Method::new(name, del).arg(Arg::new("fd", "mixed")).returns("bool")
    }),
    ("isset", "swoole_event_isset", |name| {
        Method::new(name, isset)
            .arg(Arg::new("fd", "mixed"))
            .arg(Arg::new("flags", "int").default("SWOOLE_EVENT_READ | SWOOLE_EVENT_WRITE"))
            .returns("bool")
    }),
    ("write", "swoole_event_write", |name| {
        Method::new(name, write)
            .arg(Arg::new("fd", "mixed"))
            .arg(Arg::new("data", "string"))
            .returns("bool")
    }),
    ("wait", "swoole_event_wait", |name| Method::new(name, wait).returns("void")),
    ("exit", "swoole_event_exit", |name| Method::new(name, exit).returns("void")),
    ("defer", "swoole_event_defer", defer_method),
    ("cycle", "swoole_event_cycle", |name| {
        Method::new(name, cycle)
            .arg(Arg::new("callback", "?callable"))
            .arg(Arg::new("before", "bool").default("false"))
            .returns("bool")
    }),
    ("dispatch", "swoole_event_dispatch", |name| Method::new(name, dispatch).returns("bool")),
];

/// A method `name(callable $callback): bool`, for `Server::defer` too.
pub(super) fn defer_method(name: &'static str) -> Method {
    Method::new(name, defer).arg(Arg::new("callback", "callable")).returns("bool")
}

/// Registers the class and the functions.
pub(super) fn register(registry: &mut Registry) {
    let mut class = ClassDef::plain(&EVENT).alias("swoole_event");
    for (name, _, method) in OFFERS {
        class = class.method(method(name).make_static());
    }
    class.register();
    let functions: Vec<Function> = OFFERS.iter().map(|(_, name, method)| method(name)).collect();
    registry.functions(&functions);
}

fn add(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 4)?;
    let socket = call.value(0);
    let (read, write) = (call.opt_callable(1)?, call.opt_callable(2)?);
    let flags = match call.long_or(3, 0)? {
        0 => READ,
        flags => flags,
    };
    let flags = Flags { read: flags & READ != 0, write: flags & WRITE != 0 };
    call.ret_bool(false);
    if read.is_none() && write.is_none() {
        return warn("A read or a write callback is needed");
    }
    let Some(fd) = usable_descriptor(&socket)? else { return Ok(()) };
    if fd == 0 && flags.write {
        return warn("Standard input cannot be watched for writing");
    }
    if let Err(failed) = descriptor::set_nonblocking(&fd, true) {
        return warn(&format!(
            "Unable to make the descriptor {fd} non-blocking, {}",
            reason(&failed)
        ));
    }
    let engine = engine()?;
    if engine.watchers.add(&engine, Watch { fd, socket, read, write, flags })? {
        call.ret_long(i64::from(fd));
    }
    pending()
}

fn set(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 4)?;
    let socket = call.value(0);
    let (read, write) = (call.opt_callable(1)?, call.opt_callable(2)?);
    let flags = match call.long_or(3, 0)? {
        0 => None,
        flags => Some(Flags { read: flags & READ != 0, write: flags & WRITE != 0 }),
    };
    call.ret_bool(false);
    let Some((engine, key)) = watched(&socket)? else {
        return warn("The descriptor is not watched");
    };
    call.ret_bool(engine.watchers.set(&engine, key, read, write, flags)?);
    pending()
}

fn del(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let socket = call.value(0);
    call.ret_bool(false);
    let watched = current().and_then(|engine| {
        let key = match descriptor_of(&socket) {
            Some(fd) => engine.watchers.find_number(fd),
            None => engine.watchers.find_value(&socket),
        };
        key.map(|key| (engine, key))
    });
    let Some((engine, key)) = watched else { return warn("The descriptor is not watched") };
    engine.watchers.release(&engine, key);
    call.ret_bool(true);
    pending()
}

fn isset(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 2)?;
    let asked = call.long_or(1, READ | WRITE)?;
    let found = watched(&call.value(0))?;
    call.ret_bool(
        found.and_then(|(engine, key)| engine.watchers.flags(key)).is_some_and(|flags| {
            asked & READ != 0 && flags.read || asked & WRITE != 0 && flags.write
        }),
    );
    Ok(())
}

fn write(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let (socket, data) = (call.value(0), call.string(1)?);
    call.ret_bool(false);
    if data.is_empty() {
        return warn("The data is empty");
    }
    let Some(fd) = usable_descriptor(&socket)? else { return Ok(()) };
    if let Err(failed) = descriptor::set_nonblocking(&fd, true) {
        return warn(&format!(
            "Unable to make the descriptor {fd} non-blocking, {}",
            reason(&failed)
        ));
    }
    let engine = engine()?;
    call.ret_bool(engine.watchers.write(&engine, fd, socket, &data)?);
    pending()
}

fn wait(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    current().map_or(Ok(()), |engine| engine.run())
}

fn exit(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    if let Some(engine) = current()
        && engine.is_running()
        && engine.part().is_none()
    {
        engine.stop(Stop::Asked);
    }
    Ok(())
}

fn defer(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let callback = call.callable(0)?;
    engine()?.deferred.defer(callback);
    call.ret_bool(true);
    Ok(())
}

fn cycle(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 2)?;
    let (callback, before) = (call.opt_callable(0)?, call.bool_or(1, false)?);
    let set = callback.is_some();
    let stood = if set { engine()?.deferred.set_cycle(callback, before) } else { remove(before) };
    call.ret_bool(set || stood);
    pending()
}

fn remove(before: bool) -> bool {
    current().is_some_and(|engine| engine.deferred.set_cycle(None, before))
}

fn dispatch(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.ret_bool(match current() {
        Some(engine) => engine.dispatch()?,
        None => false,
    });
    Ok(())
}

/// The descriptor of a value of PHP. `Ok(None)` after a warning: there is none, or it cannot be
/// watched.
fn usable_descriptor(socket: &Value) -> Result<Option<i32>, Thrown> {
    let Some(fd) = descriptor_of(socket) else {
        warn("The value has no open descriptor")?;
        return Ok(None);
    };
    let refused = match descriptor::kind(&fd) {
        Ok(kind) if kind.can_be_watched() => return Ok(Some(fd)),
        Ok(_) => format!("The descriptor {fd} is neither a socket nor a pipe"),
        Err(failed) => format!("Unable to use the descriptor {fd}, {}", reason(&failed)),
    };
    warn(&refused)?;
    Ok(None)
}

/// The descriptor behind an int, a stream, a `Socket`, a `Swoole\Client` or a `Swoole\Process`.
fn descriptor_of(socket: &Value) -> Option<i32> {
    let known = [(&CLIENT, &b"sock"[..]), (&PROCESS, b"pipe")];
    let found = socket.as_object().and_then(|object| {
        known.into_iter().find(|(class, _)| class.has(&object)).map(|(_, name)| (object, name))
    });
    match found {
        Some((object, name)) => object
            .property(name)
            .as_long()
            .and_then(|fd| i32::try_from(fd).ok())
            .filter(|fd| *fd > 0),
        None => bridge::descriptor_of(socket),
    }
}

/// The watcher of an open descriptor; of a closed one it is dropped with a warning.
fn watched(socket: &Value) -> Result<Option<(std::rc::Rc<Engine>, Key)>, Thrown> {
    let Some(engine) = current() else { return Ok(None) };
    let Some(fd) = descriptor_of(socket) else {
        if let Some(key) = engine.watchers.find_value(socket) {
            engine.watchers.drop_closed(&engine, key)?;
        }
        return Ok(None);
    };
    let found = engine.watchers.find(&engine, fd)?;
    Ok(found.map(|key| (engine, key)))
}

fn pending() -> Result<(), Thrown> {
    if error::pending() { Err(Thrown) } else { Ok(()) }
}
