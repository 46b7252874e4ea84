//! `Swoole\Server\Port`: one address that a server listens on, with its own options and callbacks.

use std::{
    cell::{Cell, RefCell},
    path::Path,
    rc::Rc,
};

use crate::{
    options::ServerConfig,
    proto::framing::Rule,
    server::{GivenPort, ListenError, Listeners, PortConfig, Ports, SocketKind, Speaks},
    sys::process,
    zend::{
        Arg, Array, Call, Callback, ClassDef, Method, ObjRef, Slot, State, Thrown, Tracer, Value,
        class::{Class, Handlers},
        define::Const,
        error,
    },
};

use super::{
    super::{
        callbacks::Callbacks,
        exception::EXCEPTION,
        settings::{self, warn},
    },
    class, connections,
    state::{PortFacts, ServerState},
};

/// `Swoole\Server\Port`.
pub(super) static PORT: Class = Class::new("Swoole\\Server\\Port");
static HANDLERS: Handlers = Handlers::new();

const HOST: Slot = Slot(0);
const NUMBER: Slot = Slot(1);
const TYPE: Slot = Slot(2);
const SOCK: Slot = Slot(3);
const SETTING: Slot = Slot(4);
const CONNECTIONS: Slot = Slot(5);

const SOCK_TCP: i64 = 1;
const SOCK_UDP: i64 = 2;
const SOCK_TCP6: i64 = 3;
const SOCK_UDP6: i64 = 4;
const SOCK_UNIX_DGRAM: i64 = 5;
const SOCK_UNIX_STREAM: i64 = 6;
const FLAG_SSL: i64 = 512;
/// A host that stands for the sockets of the service manager.
const SYSTEMD: &str = "SYSTEMD";
const LENGTH_FUNC: &[u8] = b"package_length_func";

/// Events of a port; the server's own callback counts where a port has none.
const EVENTS: [&str; 7] =
    ["connect", "receive", "close", "packet", "request", "bufferfull", "bufferempty"];
/// Events that later releases bring.
const LATER: [&str; 3] = ["handshake", "open", "message"];

/// Registers the class.
pub(super) fn register() {
    ClassDef::new::<PortState>(&PORT)
        .alias("swoole_server_port")
        .property("host", Const::Null)
        .property("port", Const::Long(0))
        .property("type", Const::Long(0))
        .property("sock", Const::Long(-1))
        .property("setting", Const::Null)
        .property("connections", Const::Null)
        .method(Method::new("__construct", construct).private())
        .method(Method::new("set", set).arg(Arg::new("settings", "array")).returns("bool"))
        .method(
            Method::new("on", on)
                .arg(Arg::new("event_name", "string"))
                .arg(Arg::new("callback", "callable"))
                .returns("bool"),
        )
        .register();
}

/// The state of a port.
pub(super) struct PortState {
    pub(super) callbacks: Callbacks,
    config: RefCell<ServerConfig>,
    /// It has options of its own.
    said: Cell<bool>,
    kind: Cell<SocketKind>,
    started: RefCell<Rc<Cell<bool>>>,
    /// `package_length_func`, once the server runs.
    length: RefCell<Option<Callback>>,
}

impl State for PortState {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn create() -> Self {
        PortState {
            callbacks: Callbacks::default(),
            config: RefCell::default(),
            said: Cell::new(false),
            kind: Cell::new(SocketKind::Tcp),
            started: RefCell::default(),
            length: RefCell::new(None),
        }
    }

    fn trace(&self, tracer: &mut Tracer) {
        self.callbacks.trace(tracer);
        if let Ok(length) = self.length.try_borrow()
            && let Some(callback) = &*length
        {
            tracer.callback(callback);
        }
    }
}

impl PortState {
    /// `package_length_func`, with a reference of its own.
    pub(super) fn length_func(&self) -> Option<Callback> {
        self.length.borrow().clone()
    }
}

/// Why an address cannot be listened on.
pub(super) enum Refused {
    /// The argument with this number is wrong.
    Argument(u32, &'static str),
    /// The system refuses.
    Listen(ListenError),
}

/// Binds an address and makes its port object, or those of the service manager's sockets.
pub(super) fn bind(
    server: &ServerState,
    host: &str,
    port: i64,
    kind: i64,
) -> Result<Result<Vec<ObjRef>, Refused>, Thrown> {
    let listeners = Rc::clone(&server.listeners.borrow());
    let bound = match bind_one(&listeners, host, port, kind) {
        Ok(bound) => bound,
        Err(refused) => return Ok(Err(refused)),
    };
    let mut made = Vec::with_capacity(bound.len());
    for (host, number, kind, socket) in bound {
        made.push(add(server, &listeners, &host, number, kind, socket)?);
    }
    Ok(Ok(made))
}

/// A host or path, a number, PHP's type, and what it is.
type Bound = (String, u16, i64, SocketKind);

fn bind_one(
    listeners: &Listeners,
    host: &str,
    port: i64,
    kind: i64,
) -> Result<Vec<Bound>, Refused> {
    let number =
        || u16::try_from(port).map_err(|_| Refused::Argument(1, "must be between 0 and 65535"));
    if kind & FLAG_SSL != 0 {
        let text = "must not hold SWOOLE_SSL: TLS servers are not implemented yet";
        return Err(Refused::Argument(2, text));
    }
    if host == SYSTEMD {
        let given = listeners.adopt().map_err(Refused::Listen)?;
        return Ok(given.into_iter().map(given_port).collect());
    }
    let path = Path::new(host);
    let (socket, bound) = match kind {
        SOCK_TCP | SOCK_TCP6 => {
            (SocketKind::Tcp, listeners.bind_ip(SocketKind::Tcp, host, number()?))
        }
        SOCK_UDP | SOCK_UDP6 => {
            (SocketKind::Udp, listeners.bind_ip(SocketKind::Udp, host, number()?))
        }
        SOCK_UNIX_STREAM => {
            let bound = listeners.bind_unix(SocketKind::Unix, path);
            (SocketKind::Unix, bound.map(|index| (index, 0)))
        }
        SOCK_UNIX_DGRAM => {
            let bound = listeners.bind_unix(SocketKind::UnixDatagram, path);
            (SocketKind::UnixDatagram, bound.map(|index| (index, 0)))
        }
        _ => {
            let text = "must be one of SWOOLE_SOCK_TCP, SWOOLE_SOCK_TCP6, SWOOLE_SOCK_UDP, \
                        SWOOLE_SOCK_UDP6, SWOOLE_SOCK_UNIX_STREAM and SWOOLE_SOCK_UNIX_DGRAM";
            return Err(Refused::Argument(2, text));
        }
    };
    let (_, number) = bound.map_err(Refused::Listen)?;
    Ok(vec![(host.to_owned(), number, kind, socket)])
}

fn given_port(given: GivenPort) -> Bound {
    let is_ipv6 = given.address.is_some_and(|address| address.is_ipv6());
    let kind = match (given.kind, is_ipv6) {
        (SocketKind::Tcp, false) => SOCK_TCP,
        (SocketKind::Tcp, true) => SOCK_TCP6,
        (SocketKind::Udp, false) => SOCK_UDP,
        (SocketKind::Udp, true) => SOCK_UDP6,
        (SocketKind::Unix, _) => SOCK_UNIX_STREAM,
        (SocketKind::UnixDatagram, _) => SOCK_UNIX_DGRAM,
    };
    let host = match (given.address, given.path) {
        (Some(address), _) => address.ip().to_string(),
        (None, Some(path)) => path.display().to_string(),
        (None, None) => SYSTEMD.to_owned(),
    };
    (host, given.address.map_or(0, |address| address.port()), kind, given.kind)
}

fn add(
    server: &ServerState,
    listeners: &Listeners,
    host: &str,
    number: u16,
    kind: i64,
    socket: SocketKind,
) -> Result<ObjRef, Thrown> {
    let index = server.ports.borrow().len();
    let object = ObjRef::new_of(&PORT)?;
    let of_port = u16::try_from(index).unwrap_or(u16::MAX);
    object.set_slot(HOST, host);
    object.set_slot(NUMBER, i64::from(number));
    object.set_slot(TYPE, kind);
    object.set_slot(SOCK, listeners.descriptor(index));
    object.set_slot(CONNECTIONS, connections::new(Some(of_port))?);
    if let Some(state) = object.as_state::<PortState>() {
        state.kind.set(socket);
        state.started.replace(Rc::clone(&server.started));
    }
    server.ports.borrow_mut().push(object.clone());
    Ok(object)
}

/// The port's number, as the kernel chose it, and its type.
pub(super) fn facts(object: &ObjRef) -> PortFacts {
    PortFacts {
        number: u16::try_from(object.slot(NUMBER).to_long()).unwrap_or(0),
        kind: object.slot(TYPE).to_long(),
        descriptor: i32::try_from(object.slot(SOCK).to_long()).unwrap_or(-1),
    }
}

/// Where the port's iterator is.
pub(super) fn iterator(object: &ObjRef) -> Value {
    object.slot(CONNECTIONS)
}

/// The server starts: what holds for each port, checked, with the options that it has not been given
/// itself. `http` is what the server's class speaks.
pub(super) fn resolve(
    server: &ServerState,
    setting: &Array,
    http: bool,
) -> Result<(Ports, Vec<ServerConfig>), Thrown> {
    let ports = server.ports.borrow().clone();
    let (mut resolved, mut configs) = (Vec::with_capacity(ports.len()), Vec::new());
    for (index, object) in ports.iter().enumerate() {
        let Some(state) = object.as_state::<PortState>() else { continue };
        let said = state.said.get();
        let own = object.slot(SETTING).as_array().filter(|_| said);
        let (mut config, merged) = match (index, own) {
            (0, Some(own)) => {
                let mut merged = setting.clone();
                merged.merge(&own);
                let config =
                    settings::resolve(&merged, |options| ServerConfig::resolve(options, cpus()))?;
                (config, merged)
            }
            (_, Some(own)) => (state.config.borrow().clone(), own),
            (_, None) => (server.config.borrow().clone(), setting.clone()),
        };
        config.port.redis |= index == 0 && server.redis.get();
        let speaks_http = config.port.http.unwrap_or(http && (index == 0 || !said));
        let port = PortConfig::new(&config, speaks_http, facts(object).number)
            .map_err(|bad| error::throw_value_error(&bad.to_string()))?;
        check_callbacks(server, state, index, &port, &object.slot(HOST))?;
        let func = merged.get(LENGTH_FUNC).filter(|_| config.port.packages.length_func);
        if let Some(func) = func {
            let callback = Callback::from_value(&func).map_err(|why| {
                error::throw_type_error(&format!("option \"package_length_func\": {why}"))
            })?;
            state.length.replace(Some(callback));
        }
        object.set_slot(SETTING, merged);
        resolved.push(port);
        configs.push(config);
    }
    let mut resolved = resolved.into_iter();
    let Some(primary) = resolved.next() else {
        return Err(error::throw(&EXCEPTION, "The server has no port", 0));
    };
    Ok((Ports::new(primary, resolved.collect()), configs))
}

fn check_callbacks(
    server: &ServerState,
    state: &PortState,
    index: usize,
    port: &PortConfig,
    host: &Value,
) -> Result<(), Thrown> {
    let needed = match (state.kind.get().is_datagram(), &port.speaks) {
        (true, _) => "packet",
        (false, Speaks::Http) => "request",
        // Handlers answer.
        (false, Speaks::Packets(Rule::Command)) if server.redis.get() => return Ok(()),
        (false, Speaks::Raw | Speaks::Packets(_)) => "receive",
    };
    let has = |event| state.callbacks.has(event) || server.callbacks.has(event);
    // Datagrams of IPv4 may come the oldest way, as `$fd` and `$reactor_id` can name the sender.
    let is_ipv4 = state.kind.get() == SocketKind::Udp
        && !host.as_str().is_some_and(|host| host.contains(&b':'));
    if has(needed) || (is_ipv4 && has("receive")) {
        return Ok(());
    }
    let of_port = if index == 0 { String::new() } else { format!(" of port #{index}") };
    let text = format!(
        "Event callback '{needed}'{of_port} is missing: register it with on() before start()"
    );
    Err(error::throw(&EXCEPTION, &text, 0))
}

fn construct(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)
}

fn set(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let port = call.this::<PortState>()?;
    let given = call.array(0)?;
    if port.started.borrow().get() {
        call.ret_bool(false);
        return warn("The server is running: set() must come before start()");
    }
    settings::set(&call.this_object()?, SETTING, &given, &port.config, |options| {
        ServerConfig::resolve_port(options, cpus())
    })?;
    port.said.set(true);
    call.ret_bool(true);
    Ok(())
}

fn on(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let port = call.this::<PortState>()?;
    let started = port.started.borrow().get();
    class::register_callback(call, &port.callbacks, started, &EVENTS, &LATER)
}

fn cpus() -> u32 {
    u32::try_from(process::cpu_count()).unwrap_or(1)
}
