//! The classes: names, properties, methods, and what comes before `start()`.

use crate::{
    options::{ServerConfig, nearest},
    sys::process,
    zend::{
        Arg, Array, Call, ClassDef, Method, ObjRef, Thrown, define::Const, error, process::in_cli,
    },
};

use super::{
    super::{
        callbacks::Callbacks,
        exception::EXCEPTION,
        functions,
        settings::{self, warn},
    },
    connections, control, messages, methods,
    port::{self, Refused},
    redis_server, socket, start,
    state::{
        CONNECTIONS, HOST, HTTP_SERVER, MODE, PORT, PORTS, REDIS_SERVER, SERVER, SETTING,
        ServerState, TYPE,
    },
    task, user_process,
};

const MODE_BASE: i64 = 1;
const MODE_PROCESS: i64 = 2;
const SOCK_TCP: i64 = 1;
/// The subclass has a constructor of its own that does not call ours.
pub(super) const NOT_CONSTRUCTED: &str =
    "The server was not constructed: call the parent's constructor";

/// Events of every server.
const EVENTS: [&str; 18] = [
    "start",
    "managerstart",
    "managerstop",
    "workerstart",
    "workerstop",
    "workerexit",
    "workererror",
    "connect",
    "close",
    "shutdown",
    "receive",
    "request",
    "packet",
    "bufferfull",
    "bufferempty",
    "task",
    "finish",
    "pipemessage",
];
/// Events that later releases bring.
const LATER: [&str; 4] = ["handshake", "open", "message", "beforereload"];

/// Registers the classes.
pub(in super::super) fn register() {
    connections::register();
    port::register();
    socket::add(user_process::add(control::add(task::add(messages::add(methods::add(
        ClassDef::new::<ServerState>(&SERVER)
            .alias("swoole_server")
            .property("setting", Const::Null)
            .property("host", Const::Str(""))
            .property("port", Const::Long(0))
            .property("type", Const::Long(0))
            .property("mode", Const::Long(0))
            .property("master_pid", Const::Long(0))
            .property("manager_pid", Const::Long(0))
            .property("worker_id", Const::Long(-1))
            .property("worker_pid", Const::Long(0))
            .property("taskworker", Const::Bool(false))
            .property("connections", Const::Null)
            .property("ports", Const::Null)
            .method(
                Method::new("__construct", construct)
                    .arg(Arg::new("host", "string"))
                    .arg(Arg::new("port", "int").default("0"))
                    .arg(Arg::new("mode", "int").default("SWOOLE_BASE"))
                    .arg(Arg::new("sock_type", "int").default("SWOOLE_SOCK_TCP")),
            )
            .method(Method::new("set", set).arg(Arg::new("settings", "array")).returns("bool"))
            .method(
                Method::new("on", on)
                    .arg(Arg::new("event_name", "string"))
                    .arg(Arg::new("callback", "callable"))
                    .returns("bool"),
            )
            .method(listen_method("listen"))
            .method(listen_method("addListener"))
            .method(Method::new("start", start::start).returns("bool")),
    ))))))
    .register();
    ClassDef::new::<ServerState>(&HTTP_SERVER)
        .extends(&SERVER)
        .alias("swoole_http_server")
        .register();
    redis_server::register();
}

fn construct(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 4)?;
    let server = call.this::<ServerState>()?;
    let (host, port) = (call.string(0)?, call.long_or(1, 0)?);
    let (mode, kind) = (call.long_or(2, MODE_BASE)?, call.long_or(3, SOCK_TCP)?);
    if !in_cli() {
        return Err(error::throw_error("A server can only be made in the cli SAPI"));
    }
    if server.constructed.get() {
        return Err(error::throw(&EXCEPTION, "The server is constructed already", 0));
    }
    if !matches!(mode, MODE_BASE | MODE_PROCESS) {
        return Err(error::throw_argument_value_error(2, "must be SWOOLE_BASE or SWOOLE_PROCESS"));
    }
    let me = call.this_object()?;
    let ports = match port::bind(server, &String::from_utf8_lossy(&host), port, kind)? {
        Ok(ports) => ports,
        Err(Refused::Argument(number, text)) => {
            let number = if number == 2 { 3 } else { number };
            return Err(error::throw_argument_value_error(number, text));
        }
        Err(Refused::Listen(failed)) => {
            let code = i64::from(failed.errno);
            return Err(error::throw(&EXCEPTION, &failed.to_string(), code));
        }
    };
    let port = ports.first().map_or(0, |port| port::facts(port).number);
    server.http.set(HTTP_SERVER.has(&me));
    server.redis.set(REDIS_SERVER.has(&me));
    server.constructed.set(true);
    server.port.set(port);
    me.set_slot(HOST, host);
    me.set_slot(PORT, i64::from(port));
    me.set_slot(TYPE, kind);
    me.set_slot(MODE, mode);
    server.process_mode.set(mode == MODE_PROCESS);
    me.set_slot(CONNECTIONS, connections::new(None)?);
    me.set_slot(PORTS, list(&ports));
    Ok(())
}

fn list(ports: &[ObjRef]) -> Array {
    let mut list = Array::new(ports.len());
    ports.iter().for_each(|port| list.push(port.into()));
    list
}

fn listen(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(3, 3)?;
    let server = call.this::<ServerState>()?;
    let host = String::from_utf8_lossy(&call.string(0)?).into_owned();
    let (port, kind) = (call.long(1)?, call.long(2)?);
    call.ret_bool(false);
    if server.started.get() {
        return warn("The server is running: listen() must come before start()");
    }
    if !server.constructed.get() {
        return Err(error::throw(&EXCEPTION, NOT_CONSTRUCTED, 0));
    }
    match port::bind(server, &host, port, kind)? {
        Ok(ports) => {
            call.this_object()?.set_slot(PORTS, list(&server.ports.borrow()));
            if let Some(port) = ports.first() {
                call.ret_value(port);
            }
            Ok(())
        }
        Err(Refused::Argument(number, text)) => {
            Err(error::throw_argument_value_error(number, text))
        }
        Err(Refused::Listen(failed)) => {
            functions::set_last_error(failed.errno);
            warn(&failed.to_string())
        }
    }
}

fn listen_method(name: &'static str) -> Method {
    Method::new(name, listen)
        .arg(Arg::new("host", "string"))
        .arg(Arg::new("port", "int"))
        .arg(Arg::new("sock_type", "int"))
        .returns("Swoole\\Server\\Port|false")
}

fn set(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let server = call.this::<ServerState>()?;
    let given = call.array(0)?;
    if server.started.get() {
        call.ret_bool(false);
        return warn("The server is running: set() must come before start()");
    }
    apply(server, &call.this_object()?, &given)?;
    call.ret_bool(true);
    Ok(())
}

/// Merges options into the server's, with the warnings that they are worth.
pub(super) fn apply(server: &ServerState, me: &ObjRef, given: &Array) -> Result<(), Thrown> {
    let cpus = u32::try_from(process::cpu_count()).unwrap_or(1);
    settings::set(me, SETTING, given, &server.config, |options| {
        ServerConfig::resolve(options, cpus)
    })
}

fn on(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let server = call.this::<ServerState>()?;
    register_callback(call, &server.callbacks, server.started.get(), &EVENTS, &LATER)
}

/// `on()` of a server or a port that knows these events.
pub(super) fn register_callback(
    call: &Call<'_>,
    callbacks: &Callbacks,
    started: bool,
    events: &'static [&'static str],
    later: &[&str],
) -> Result<(), Thrown> {
    let name = String::from_utf8_lossy(call.str(0)?).to_ascii_lowercase();
    let callback = call.callable(1)?;
    call.ret_bool(false);
    if started {
        return warn("The server is running: on() must come before start()");
    }
    if let Some(event) = events.iter().copied().find(|event| *event == name) {
        callbacks.set(event, callback);
        call.ret_bool(true);
        return Ok(());
    }
    if later.contains(&name.as_str()) {
        return warn(&format!("Event '{name}' is not implemented yet: its callback will not run"));
    }
    match nearest(events.iter().copied(), &name) {
        Some(meant) => warn(&format!("Unknown event '{name}', did you mean '{meant}'?")),
        None => warn(&format!("Unknown event '{name}'")),
    }
}
