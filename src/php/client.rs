//! `Swoole\Client`: streams and datagrams, asynchronous here; the synchronous half is in
//! `client_sync`, files, datagrams to others and half-closes are in `client_more`.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
};

use crate::{
    client::{
        Connection, End, Target,
        tcp::{Framing, SendError, TcpEvent, TcpSession, rule},
    },
    net::{Address, Mode, Tls},
    options::{self, ClientConfig},
    proto::framing::Decoder,
    zend::{
        Arg, Call, Callback, ClassDef, Method, ObjRef, Slot, State, Thrown, Tracer, ZStr,
        class::{Class, Handlers},
        define::Const,
        error,
    },
};

use super::{
    callbacks::OneShot,
    client_class::{self, Events, on_method, port, properties, set_error},
    client_more,
    client_pipe::{self, Pipe},
    client_sync::{PACKAGE_LENGTH, PACKAGE_TEXT, Plan, SyncHalf, set_failure},
    engine::{current, engine},
    link::{Client, Job, Link, Next, as_client},
    outfit,
    settings::{self, warn},
};

/// `Swoole\Client`.
pub(super) static CLIENT: Class = Class::new("Swoole\\Client");
static HANDLERS: Handlers = Handlers::new();

properties! {
    pub(super) ERR_CODE: "errCode" = Const::Long(0);
    pub(super) ERR_MSG: "errMsg" = Const::Str("");
    pub(super) SOCK: "sock" = Const::Long(0);
    pub(super) REUSE: "reuse" = Const::Bool(false);
    pub(super) REUSE_COUNT: "reuseCount" = Const::Long(0);
    TYPE: "type" = Const::Long(0);
    ID: "id" = Const::Null;
    SETTING: "setting" = Const::Null;
    ON_CONNECT: "onConnect" = Const::Null;
    ON_ERROR: "onError" = Const::Null;
    ON_RECEIVE: "onReceive" = Const::Null;
    ON_CLOSE: "onClose" = Const::Null;
    ON_BUFFER_FULL: "onBufferFull" = Const::Null;
    ON_BUFFER_EMPTY: "onBufferEmpty" = Const::Null;
    ON_SSL_READY: "onSSLReady" = Const::Null;
}

const FLAG_ASYNC: i64 = 1024;
const FLAG_SYNC: i64 = 2048;
const FLAG_KEEP: i64 = 4096;
const FLAG_SSL: i64 = 512;
const SOCK_TCP: i64 = 1;
const SOCK_UDP: i64 = 2;
const SOCK_UDP6: i64 = 4;
const SOCK_UNIX_DGRAM: i64 = 5;
const SOCK_UNIX_STREAM: i64 = 6;

/// Where the callback of this option is kept. No event has this name.
const LENGTH_FUNC: &str = "package_length_func";

/// Registers the class.
pub(super) fn register() {
    let class = ClassDef::new::<TcpClient>(&CLIENT)
        .alias("swoole_client")
        .properties(PROPERTIES)
        .constant("MSG_OOB", Const::Long(1))
        .constant("MSG_PEEK", Const::Long(2))
        .constant("MSG_DONTWAIT", Const::Long(64))
        .constant("MSG_WAITALL", Const::Long(256))
        .constant("SHUT_RD", Const::Long(0))
        .constant("SHUT_WR", Const::Long(1))
        .constant("SHUT_RDWR", Const::Long(2))
        .method(
            Method::new("__construct", construct)
                .arg(Arg::new("type", "int"))
                .arg(Arg::new("async", "int").default("SWOOLE_SOCK_SYNC"))
                .arg(Arg::new("id", "?string").default("null")),
        )
        .method(Method::new("set", set).arg(Arg::new("settings", "array")).returns("bool"))
        .method(on_method::<TcpClient>())
        .method(
            Method::new("connect", connect)
                .arg(Arg::new("host", "string"))
                .arg(Arg::new("port", "int").default("0"))
                .arg(Arg::new("timeout", "float").default("0.5"))
                .arg(Arg::new("flag", "int").default("0"))
                .returns("bool"),
        )
        .method(
            Method::new("send", send)
                .arg(Arg::new("data", "string"))
                .arg(Arg::new("flag", "int").default("0"))
                .returns("int|false"),
        )
        .method(
            Method::new("recv", recv)
                .arg(Arg::new("size", "int").default("65535"))
                .arg(Arg::new("flags", "int").default("0"))
                .returns("string|false"),
        )
        .method(Method::new("isConnected", is_connected).returns("bool"))
        .method(Method::new("getsockname", sock_name).returns("array|false"))
        .method(Method::new("getpeername", peer_name).returns("array|false"))
        .method(
            Method::new("close", close)
                .arg(Arg::new("force", "bool").default("false"))
                .returns("bool"),
        );
    client_pipe::add_method(outfit::add_methods(client_more::add_methods(class))).register();
}

/// The state of a `Swoole\Client`.
pub(super) struct TcpClient {
    pub(super) link: Link<TcpSession>,
    pub(super) sync: SyncHalf,
    kind: Cell<i64>,
    keep: Cell<bool>,
    pub(super) is_async: Cell<bool>,
    pub(super) config: RefCell<ClientConfig>,
    /// SWOOLE_SSL: TLS from the start.
    ssl: Cell<bool>,
    /// The host of the last `connect()`, which TLS verifies.
    pub(super) host: RefCell<String>,
    /// The callback of `enableSSL()`.
    pub(super) secured: OneShot,
    /// Where `pipe()` leads.
    pub(super) pipe: Pipe,
}

impl TcpClient {
    /// Whether it exchanges datagrams.
    pub(super) fn is_datagram(&self) -> bool {
        matches!(self.kind.get(), SOCK_UDP | SOCK_UDP6 | SOCK_UNIX_DGRAM)
    }

    /// Whether it is UDP, and if so whether over IPv6.
    pub(super) fn udp(&self) -> Option<bool> {
        match self.kind.get() {
            SOCK_UDP => Some(false),
            SOCK_UDP6 => Some(true),
            _ => None,
        }
    }

    /// Whether its connection goes back to a pool.
    pub(super) fn keeps(&self) -> bool {
        self.keep.get()
    }

    /// Looks at TLS, once it stands.
    pub(super) fn with_tls<R>(&self, look: impl Fn(&Tls) -> R) -> Option<R> {
        let of_loop = |connection: &mut Connection<TcpSession>| connection.tls().map(&look);
        self.link.with_connection(of_loop).flatten().or_else(|| self.sync.with_tls(&look))
    }

    /// Whether TLS stands.
    pub(super) fn has_tls(&self) -> bool {
        self.with_tls(|_| ()).is_some()
    }

    fn is_unix(&self) -> bool {
        matches!(self.kind.get(), SOCK_UNIX_DGRAM | SOCK_UNIX_STREAM)
    }
}

impl State for TcpClient {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn create() -> Self {
        TcpClient {
            link: Link::default(),
            sync: SyncHalf::default(),
            kind: Cell::new(SOCK_TCP),
            keep: Cell::new(false),
            is_async: Cell::new(false),
            config: RefCell::default(),
            ssl: Cell::new(false),
            host: RefCell::default(),
            secured: OneShot::default(),
            pipe: Pipe::default(),
        }
    }

    fn trace(&self, tracer: &mut Tracer) {
        self.link.callbacks.trace(tracer);
        self.secured.trace(tracer);
        self.pipe.trace(tracer);
    }

    fn free(&self) {
        self.sync.close(false);
    }
}

impl Client for TcpClient {
    type Session = TcpSession;

    const IS_STREAM: bool = true;

    fn link(&self) -> &Link<TcpSession> {
        &self.link
    }

    fn is_last(event: &TcpEvent) -> bool {
        matches!(event, TcpEvent::Failed(_) | TcpEvent::Closed(_))
    }

    fn take_waiting(&self) -> Vec<Callback> {
        self.secured.take().into_iter().chain(self.pipe.take()).collect()
    }

    fn take_leftover(&self) -> Vec<Callback> {
        self.take_waiting()
    }

    fn set_reply(session: &mut TcpSession, length: i64) {
        session.answer_length(length);
    }

    fn job(&self, me: &ObjRef, event: TcpEvent) -> Option<Next> {
        match event {
            TcpEvent::Connected => {
                me.set_slot(SOCK, self.link.descriptor());
                Some(Next::call(self.link.callbacks.get("connect")?, me))
            }
            TcpEvent::Received(data) => {
                if let Some(job) = self.pipe.job(&data) {
                    return Some(Next::Call(job));
                }
                let Some(callback) = self.link.callbacks.get("receive") else {
                    return Some(Next::Warn("The client has no onReceive callback"));
                };
                Some(Next::call_with(callback, me, ZStr::from_bytes(&data)))
            }
            TcpEvent::Measure(head) => {
                let callback = self.link.callbacks.get(LENGTH_FUNC)?;
                Some(Next::Ask(Job::with(callback, ZStr::from_bytes(&head))))
            }
            TcpEvent::Secured => Some(Next::call(self.secured.take()?, me)),
            TcpEvent::Full => Some(Next::call(self.link.callbacks.get("bufferfull")?, me)),
            TcpEvent::Drained => Some(Next::call(self.link.callbacks.get("bufferempty")?, me)),
            TcpEvent::Failed(end) => {
                set_error(me, ERR_CODE, ERR_MSG, end);
                let Some(callback) = self.link.callbacks.get("error") else {
                    return Some(Next::Warn("The client has no onError callback"));
                };
                Some(Next::call(callback, me))
            }
            TcpEvent::Closed(end) => {
                match end {
                    End::Local | End::Peer => {}
                    End::Protocol => {
                        set_failure(me, PACKAGE_LENGTH, PACKAGE_TEXT);
                    }
                    End::Reset(_)
                    | End::Connect(_)
                    | End::Dns
                    | End::Deadline
                    | End::Truncated
                    | End::Tls(_)
                    | End::Proxy(_)
                    | End::Refused(_) => set_error(me, ERR_CODE, ERR_MSG, end),
                }
                Some(Next::call(self.link.callbacks.get("close")?, me))
            }
        }
    }
}

impl Events for TcpClient {
    const EVENTS: &'static [(&'static str, Slot)] = &[
        ("connect", ON_CONNECT),
        ("receive", ON_RECEIVE),
        ("error", ON_ERROR),
        ("close", ON_CLOSE),
        ("bufferfull", ON_BUFFER_FULL),
        ("bufferempty", ON_BUFFER_EMPTY),
    ];

    fn may_register(&self, _name: &[u8]) -> Result<bool, Thrown> {
        if !self.is_async.get() {
            return Err(error::throw_error(
                "Event callbacks need an asynchronous client: construct it with SWOOLE_ASYNC",
            ));
        }
        Ok(true)
    }
}

fn construct(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 3)?;
    let client = call.this::<TcpClient>()?;
    let kind = call.long(0)?;
    let is_async = kind & FLAG_ASYNC != 0 || call.long_or(1, 0)? != 0;
    let me = call.this_object()?;
    let flags = FLAG_ASYNC | FLAG_SYNC | FLAG_KEEP | FLAG_SSL;
    let socket = match kind & !flags {
        0 => SOCK_TCP,
        socket @ SOCK_TCP..=SOCK_UNIX_STREAM => socket,
        socket => {
            let text = format!("must be a socket type, unknown client type '{socket}'");
            return Err(error::throw_argument_value_error(0, &text));
        }
    };
    if is_async && kind & FLAG_KEEP != 0 {
        let text = "must not combine SWOOLE_KEEP with SWOOLE_ASYNC";
        return Err(error::throw_argument_value_error(0, text));
    }
    let ssl = kind & FLAG_SSL != 0;
    if ssl && matches!(socket, SOCK_UDP | SOCK_UDP6 | SOCK_UNIX_DGRAM) {
        let text = "must not combine SWOOLE_SSL with datagrams";
        return Err(error::throw_argument_value_error(0, text));
    }
    client.ssl.set(ssl);
    client.kind.set(socket);
    client.keep.set(kind & FLAG_KEEP != 0);
    client.is_async.set(is_async);
    me.set_slot(TYPE, kind);
    if let Some(id) = call.opt_string(2)? {
        me.set_slot(ID, id);
    }
    Ok(())
}

fn set(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let client = call.this::<TcpClient>()?;
    let given = call.array(0)?;
    let measure = given.get(LENGTH_FUNC.as_bytes()).filter(|value| value.is_true());
    let measure = measure.map(|value| Callback::from_value(&value)).transpose();
    let measure = measure.map_err(|why| {
        if error::pending() {
            return Thrown;
        }
        error::throw_type_error(&format!(
            "option \"{LENGTH_FUNC}\" must be a valid callback, {why}"
        ))
    })?;
    let me = call.this_object()?;
    let is_async = client.is_async.get();
    settings::set(&me, SETTING, &given, &client.config, |options| match is_async {
        true => ClientConfig::resolve(options),
        false => ClientConfig::resolve_blocking(options),
    })?;
    if let Some(measure) = measure {
        client.link.callbacks.set(LENGTH_FUNC, measure);
    }
    call.ret_bool(true);
    Ok(())
}

fn connect(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 4)?;
    let client = call.this::<TcpClient>()?;
    let (host, given_port, flag) = (call.string(0)?, call.long_or(1, 0)?, call.long_or(3, 0)?);
    let config = client.config.borrow().clone();
    let timeout = match call.opt_double(2)? {
        Some(seconds) => options::time(seconds),
        None => config.connect_timeout,
    };
    let (unix, datagram) = (client.is_unix(), client.is_datagram());
    call.ret_bool(false);
    if host.is_empty() {
        return warn("The host is empty");
    }
    let Some(port) = port(given_port, unix) else {
        return warn("The port must be between 1 and 65535");
    };
    if client.link.is_started() || client.sync.is_open() {
        return warn("The client is already connected");
    }
    let is_async = client.is_async.get();
    let needed: &[&str] = if datagram { &["receive"] } else { &["connect", "error", "close"] };
    for &event in needed {
        if is_async && !client.link.callbacks.has(event) {
            let text = format!("Event callback '{event}' is missing: register it with on()");
            return Err(error::throw_error(&text));
        }
    }
    let address = if unix {
        Address::unix(std::path::Path::new(&*String::from_utf8_lossy(&host)))
    } else {
        match Address::parse(&host, port) {
            Ok(address) => address,
            Err(bad) => return warn(&format!("Unable to connect: {bad}")),
        }
    };
    let mut target = Target {
        total: config.total_timeout,
        bind: bind_address(&config),
        nodelay: config.open_tcp_nodelay,
        datagram,
        ..Target::new(address, timeout)
    };
    let name = String::from_utf8_lossy(&host).into_owned();
    if !datagram {
        outfit::equip(&mut target, &config, client.ssl.get().then_some(&name))?;
    }
    client.host.replace(name);
    let rule = match rule(&config.packages, !is_async) {
        Ok(rule) => rule,
        Err(bad) => return Err(error::throw_value_error(&bad.to_string())),
    };
    let decoder = rule.map(|rule| Decoder::new(rule, config.package_max_length));
    let me = call.this_object()?;
    me.set_slot(ERR_CODE, 0);
    me.set_slot(ERR_MSG, "");
    if !is_async {
        let at_once = flag & CONNECT_AT_ONCE != 0;
        let mode = match (datagram, at_once) {
            (false, false) => Mode::Stream,
            (false, true) => Mode::StreamUnderWay,
            (true, false) => Mode::Datagrams,
            (true, true) => Mode::DatagramsOfPeer,
        };
        let key = || {
            let id = match me.slot(ID).as_zstr() {
                Some(id) => String::from_utf8_lossy(&id).into_owned(),
                None => format!("{} {}:{port}", client.kind.get(), String::from_utf8_lossy(&host)),
            };
            // What was verified less strictly, or goes through another proxy, is not the same.
            let tls = client.ssl.get().then_some(&config.tls);
            format!("{id} {tls:?} {:?}", config.proxies)
        };
        let keep = (client.keep.get() && !datagram).then(key);
        let marks = config.packages.eof_check || config.packages.eof_split;
        let plan = Plan { target, mode, decoder, marks, keep };
        return client.sync.connect(call, &me, plan);
    }
    let engine = engine()?;
    let framing = match decoder {
        _ if datagram => Framing::Datagrams,
        Some(decoder) => Framing::Packets(Box::new(decoder)),
        None => Framing::Raw,
    };
    let session = TcpSession::new(&config, framing);
    client.link.start(&engine, me, as_client::<TcpClient>, session, target, (host, port));
    call.ret_bool(true);
    Ok(())
}

/// The classic `connect()` flag: a stream's connect is only started; UDP takes datagrams of its
/// peer only.
const CONNECT_AT_ONCE: i64 = 1;

fn send(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 2)?;
    let client = call.this::<TcpClient>()?;
    // The flag of the classic API changes nothing.
    let (data, _) = (call.str(0)?, call.long_or(1, 0)?);
    call.ret_bool(false);
    if data.is_empty() {
        return warn("The data is empty");
    }
    if !client.is_async.get() {
        return client.sync.send(call, &call.this_object()?, data);
    }
    let engine = engine()?;
    if client.is_datagram() {
        return client_more::send_datagram(call, client, &engine, data);
    }
    let now = engine.reactor.now();
    let queued = client.link.with_connection(|connection| connection.queued()).unwrap_or(0);
    let sent = client
        .link
        .with_session(&engine, |session| session.send(data, queued, now))
        .unwrap_or(Err(SendError::NotConnected));
    match sent {
        Ok(()) => {
            call.ret_long(i64::try_from(data.len()).unwrap_or(i64::MAX));
            Ok(())
        }
        Err(refused) => {
            set_failure(&call.this_object()?, refused.err_code(), &refused.to_string());
            warn(&format!("Unable to send: {refused}"))
        }
    }
}

fn recv(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 2)?;
    let client = call.this::<TcpClient>()?;
    if client.is_async.get() {
        return Err(error::throw_error("An asynchronous client receives through on('receive')"));
    }
    client.sync.receive(call, &call.this_object()?, client.link.callbacks.get(LENGTH_FUNC))
}

fn is_connected(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let client = call.this::<TcpClient>()?;
    call.ret_bool(client.link.is_open() || client.sync.is_open());
    Ok(())
}

fn sock_name(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let client = call.this::<TcpClient>()?;
    let address = client
        .link
        .with_connection(|connection| connection.stream().and_then(|s| s.local_address()))
        .flatten();
    ret_address(call, address.or_else(|| client.sync.local_address()))
}

fn peer_name(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let client = call.this::<TcpClient>()?;
    let address = client
        .link
        .with_connection(|connection| connection.stream().and_then(|s| s.peer_address()))
        .flatten();
    ret_address(call, address.or_else(|| client.sync.peer_address()))
}

fn close(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let force = call.bool_or(0, false)?;
    client_class::close(call, |client: &TcpClient, _| {
        if !client.is_async.get() {
            return client.sync.close(force);
        }
        current().is_some_and(|engine| client.link.close(&engine, TcpSession::close))
    })
}

fn ret_address(call: &Call<'_>, address: Option<SocketAddr>) -> Result<(), Thrown> {
    match address {
        None => call.ret_bool(false),
        Some(address) => {
            let mut array = crate::zend::Array::new(2);
            array.insert(b"port", i64::from(address.port()));
            array.insert(b"host", address.ip().to_string().as_str());
            call.ret_value(array);
        }
    }
    Ok(())
}

/// The local address that the options name, if they do.
pub(super) fn bind_address(config: &ClientConfig) -> Option<SocketAddr> {
    let host = config.bind_address.as_deref()?;
    Some(SocketAddr::new(host.parse().ok()?, config.bind_port))
}
