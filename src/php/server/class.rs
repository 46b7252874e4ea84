//! The classes: names, properties, methods, and what comes before `start()`.

use std::rc::Rc;

use crate::{
    options::{ServerConfig, nearest},
    sys::process,
    zend::{
        Arg, Array, Call, ClassDef, Method, ObjRef, Thrown, define::Const, error, process::in_cli,
    },
};

use super::{
    super::{
        exception::EXCEPTION,
        settings::{self, warn},
    },
    connections, methods, start,
    state::{CONNECTIONS, HOST, HTTP_SERVER, MODE, PORT, SERVER, SETTING, ServerState, TYPE},
};

const MODE_BASE: i64 = 1;
const MODE_PROCESS: i64 = 2;
const SOCK_TCP: i64 = 1;
const SOCK_TCP6: i64 = 3;
const SOCK_UNIX_STREAM: i64 = 6;
const FLAG_SSL: i64 = 512;

/// Events of every server.
const EVENTS: [&str; 10] = [
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
];
/// The event that brings data: of one kind of server each.
const DATA_EVENTS: [&str; 2] = ["receive", "request"];
/// Events that later releases bring.
const LATER: [&str; 10] = [
    "packet",
    "task",
    "finish",
    "pipemessage",
    "bufferfull",
    "bufferempty",
    "handshake",
    "open",
    "message",
    "beforereload",
];

/// Registers the classes.
pub(in super::super) fn register() {
    connections::register();
    methods::add(
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
            .method(Method::new("start", start::start).returns("bool")),
    )
    .register();
    ClassDef::new::<ServerState>(&HTTP_SERVER)
        .extends(&SERVER)
        .alias("swoole_http_server")
        .register();
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
    let listeners = Rc::clone(&server.listeners.borrow());
    let host_text = String::from_utf8_lossy(&host).into_owned();
    let bound = match kind & !FLAG_SSL {
        _ if kind & FLAG_SSL != 0 => {
            let text = "must not hold SWOOLE_SSL: TLS servers are not implemented yet";
            return Err(error::throw_argument_value_error(3, text));
        }
        SOCK_TCP | SOCK_TCP6 => {
            let Ok(port) = u16::try_from(port) else {
                return Err(error::throw_argument_value_error(1, "must be between 0 and 65535"));
            };
            listeners.bind_tcp(&host_text, port).map(|(_, port)| port)
        }
        SOCK_UNIX_STREAM => listeners.bind_unix(std::path::Path::new(&host_text)).map(|_| 0),
        _ => {
            let text = "must be SWOOLE_SOCK_TCP, SWOOLE_SOCK_TCP6 or SWOOLE_SOCK_UNIX_STREAM: \
                        other sockets are not implemented yet";
            return Err(error::throw_argument_value_error(3, text));
        }
    };
    let port = bound
        .map_err(|error| error::throw(&EXCEPTION, &error.to_string(), i64::from(error.errno)))?;
    server.http.set(HTTP_SERVER.has(&me));
    server.constructed.set(true);
    server.port.set(port);
    me.set_slot(HOST, host);
    me.set_slot(PORT, i64::from(port));
    me.set_slot(TYPE, kind);
    me.set_slot(MODE, mode);
    server.process_mode.set(mode == MODE_PROCESS);
    me.set_slot(CONNECTIONS, connections::new(None)?);
    Ok(())
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
    let name = String::from_utf8_lossy(call.str(0)?).to_ascii_lowercase();
    let callback = call.callable(1)?;
    call.ret_bool(false);
    if server.started.get() {
        return warn("The server is running: on() must come before start()");
    }
    if let Some(event) = event_name(&name) {
        server.callbacks.set(event, callback);
        call.ret_bool(true);
        return Ok(());
    }
    if LATER.contains(&name.as_str()) {
        return warn(&format!("Event '{name}' is not implemented yet: its callback will not run"));
    }
    match nearest(EVENTS.into_iter().chain(DATA_EVENTS), &name) {
        Some(meant) => warn(&format!("Unknown event '{name}', did you mean '{meant}'?")),
        None => warn(&format!("Unknown event '{name}'")),
    }
}

fn event_name(name: &str) -> Option<&'static str> {
    EVENTS.into_iter().chain(DATA_EVENTS).find(|event| *event == name)
}
