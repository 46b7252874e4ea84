//! `Swoole\Http\Client`: one request in flight, its response told by a one-shot callback.
//!
//! The response callback waits in the object, which shows it to PHP's collector. It is taken away
//! before the call and given up after it, so it never dies with the client under its own feet.

use std::cell::{Cell, RefCell};

use crate::{
    client::{
        End, Target,
        http::{HttpConfig, HttpEvent, HttpResponse, HttpSession, RequestRefused, Transfer},
    },
    net::Address,
    options::HttpClientConfig,
    proto::{
        http1::{OutgoingRequest, cookie::parse_cookies},
        limits::Limits,
    },
    zend::{
        Arg, Array, Call, Callback, ClassDef, Kind, Method, ObjRef, Slot, State, Thrown, Tracer,
        Value, ZStr,
        class::{Class, Handlers},
        define::Const,
        error,
    },
};

use super::{
    callbacks::OneShot,
    client::bind_address,
    client_class::{self, Events, on_method, port, properties, set_error},
    engine::{Engine, current, engine},
    header_names,
    http_client_request::{self, Body, Wanted},
    http_client_socket,
    link::{Client, Link, Next, as_client},
    outfit,
    settings::{self, warn},
    websocket_frame,
};

/// `Swoole\Http\Client`.
pub(super) static HTTP_CLIENT: Class = Class::new("Swoole\\Http\\Client");
static HANDLERS: Handlers = Handlers::new();

properties! {
    TYPE: "type" = Const::Long(0);
    pub(super) ERR_CODE: "errCode" = Const::Long(0);
    pub(super) ERR_MSG: "errMsg" = Const::Str("");
    STATUS: "statusCode" = Const::Long(0);
    pub(super) HOST: "host" = Const::Null;
    PORT: "port" = Const::Long(0);
    SSL: "ssl" = Const::Bool(false);
    SOCK: "sock" = Const::Long(0);
    SETTING: "setting" = Const::Null;
    pub(super) REQUEST_METHOD: "requestMethod" = Const::Null;
    pub(super) REQUEST_HEADERS: "requestHeaders" = Const::Null;
    pub(super) REQUEST_BODY: "requestBody" = Const::Null;
    pub(super) UPLOAD_FILES: "uploadFiles" = Const::Null;
    DOWNLOAD_FILE: "downloadFile" = Const::Null;
    HEADERS: "headers" = Const::Null;
    SET_COOKIE_HEADERS: "set_cookie_headers" = Const::Null;
    pub(super) COOKIES: "cookies" = Const::Null;
    BODY: "body" = Const::Str("");
    ON_CONNECT: "onConnect" = Const::Null;
    ON_ERROR: "onError" = Const::Null;
    ON_CLOSE: "onClose" = Const::Null;
    ON_MESSAGE: "onMessage" = Const::Null;
}

const METHODS: [&str; 16] = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "TRACE",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "MKCOL",
    "PROPFIND",
    "PROPPATCH",
    "REPORT",
];

/// Registers the class.
pub(super) fn register() {
    let class = ClassDef::new::<HttpClient>(&HTTP_CLIENT).alias("swoole_http_client");
    let class = http_client_request::methods(class.properties(PROPERTIES));
    http_client_socket::methods(class)
        .method(
            Method::new("__construct", construct)
                .arg(Arg::new("host", "string"))
                .arg(Arg::new("port", "int").default("80"))
                .arg(Arg::new("ssl", "bool").default("false")),
        )
        .method(Method::new("set", set).arg(Arg::new("settings", "array")).returns("bool"))
        .method(on_method::<HttpClient>())
        .method(
            Method::new("setMethod", set_method).arg(Arg::new("method", "string")).returns("bool"),
        )
        .method(
            Method::new("setHeaders", set_headers)
                .arg(Arg::new("headers", "array"))
                .returns("bool"),
        )
        .method(
            Method::new("setCookies", set_cookies)
                .arg(Arg::new("cookies", "array"))
                .returns("bool"),
        )
        .method(
            Method::new("setData", set_data).arg(Arg::new("data", "array|string")).returns("bool"),
        )
        .method(
            Method::new("get", get)
                .arg(Arg::new("path", "string"))
                .arg(Arg::new("callback", "callable"))
                .returns("bool"),
        )
        .method(
            Method::new("post", post)
                .arg(Arg::new("path", "string"))
                .arg(Arg::new("data", "array|string"))
                .arg(Arg::new("callback", "callable"))
                .returns("bool"),
        )
        .method(
            Method::new("execute", execute)
                .arg(Arg::new("path", "string"))
                .arg(Arg::new("callback", "callable"))
                .returns("bool"),
        )
        .method(Method::new("isConnected", is_connected).returns("bool"))
        .method(Method::new("close", close).returns("bool"))
        .register();
}

/// The state of a `Swoole\Http\Client`.
#[derive(Default)]
pub(super) struct HttpClient {
    pub(super) link: Link<HttpSession>,
    /// The callback of the request in flight.
    waiting: OneShot,
    /// The session of a request that was made while its connection was closing: it gets the next.
    queued: RefCell<Option<(HttpSession, Target)>>,
    address: RefCell<Option<Address>>,
    config: RefCell<HttpClientConfig>,
    /// A method is putting a request together, which may run PHP code.
    building: Cell<bool>,
}

impl State for HttpClient {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn create() -> Self {
        HttpClient::default()
    }

    fn trace(&self, tracer: &mut Tracer) {
        self.link.callbacks.trace(tracer);
        self.waiting.trace(tracer);
    }
}

impl Client for HttpClient {
    type Session = HttpSession;

    fn link(&self) -> &Link<HttpSession> {
        &self.link
    }

    fn is_last(_event: &HttpEvent) -> bool {
        false
    }

    fn first_job(&self, me: &ObjRef) -> Option<Next> {
        me.set_slot(SOCK, self.link.descriptor());
        Some(Next::call(self.link.callbacks.get("connect")?, me))
    }

    fn job(&self, me: &ObjRef, event: HttpEvent) -> Option<Next> {
        match event {
            HttpEvent::Message(incoming) => {
                let callback = self.link.callbacks.get("message")?;
                let frame = websocket_frame::new_object(&incoming).ok()?;
                return Some(Next::call_with(callback, me, frame));
            }
            HttpEvent::Response(response) => show_response(me, response),
            HttpEvent::Failed { status, why } => {
                me.set_slot(STATUS, status);
                set_error(me, ERR_CODE, ERR_MSG, why);
            }
        }
        me.set_slot(DOWNLOAD_FILE, Value::null());
        let callback = self.waiting.take()?;
        Some(Next::call(callback, me))
    }

    fn last_job(&self, me: &ObjRef, end: End, stood: bool) -> Option<Next> {
        if !stood {
            return Some(Next::call(self.link.callbacks.get("error")?, me));
        }
        if !matches!(end, End::Local | End::Peer) {
            set_error(me, ERR_CODE, ERR_MSG, end);
        }
        Some(Next::call(self.link.callbacks.get("close")?, me))
    }

    fn handle_over(&self, engine: &Engine, me: &ObjRef) {
        if let Some((session, target)) = self.queued.take() {
            self.start(engine, me.clone(), session, target);
        }
    }

    fn waits(&self) -> bool {
        self.waiting.is_set()
    }

    fn take_waiting(&self) -> Vec<Callback> {
        drop(self.queued.take());
        self.waiting.take().into_iter().collect()
    }
}

impl Events for HttpClient {
    const EVENTS: &'static [(&'static str, Slot)] = &[
        ("connect", ON_CONNECT),
        ("error", ON_ERROR),
        ("close", ON_CLOSE),
        ("message", ON_MESSAGE),
    ];
}

impl HttpClient {
    /// How to connect, by the options as they are now.
    fn target(&self, me: &ObjRef) -> Result<Target, Thrown> {
        let Some(address) = self.address.borrow().clone() else {
            return Err(error::throw_error("The constructor was not called"));
        };
        let config = self.config.borrow();
        let mut target = Target {
            total: config.client.total_timeout,
            bind: bind_address(&config.client),
            nodelay: config.client.open_tcp_nodelay,
            ..Target::new(address, config.client.connect_timeout)
        };
        let host = me.slot(HOST).as_zstr().unwrap_or_else(ZStr::empty);
        let host = String::from_utf8_lossy(&host);
        let tls = me.slot(SSL).is_true().then_some(&*host);
        outfit::equip(&mut target, &config.client, tls)?;
        Ok(target)
    }

    fn start(&self, engine: &Engine, me: ObjRef, session: HttpSession, target: Target) {
        let port = u16::try_from(me.slot(PORT).to_long()).unwrap_or(0);
        let peer = (me.slot(HOST).as_zstr().unwrap_or_else(ZStr::empty), port);
        self.link.start(engine, me, as_client::<HttpClient>, session, target, peer);
    }

    fn session(&self) -> HttpSession {
        let config = self.config.borrow();
        let longest = config.client.package_max_length as u64;
        let body = Limits::RESPONSE.body.max(longest);
        HttpSession::new(HttpConfig {
            response: config.timeout,
            idle: config.client.read_timeout,
            limits: Limits { body, ..Limits::RESPONSE },
            message: config.client.package_max_length,
            budget: config.client.socket_buffer_size,
        })
    }

    /// Sends a request, or connects for it, or keeps it for the next connection.
    fn send(
        &self,
        me: &ObjRef,
        request: &OutgoingRequest,
        transfer: &mut Transfer,
    ) -> Result<Sent, Thrown> {
        let engine = engine()?;
        let now = engine.reactor.refresh_now();
        let sent =
            self.link.with_session(&engine, |session| session.transfer(request, transfer, now));
        let refused = match sent {
            Some(Ok(())) => return Ok(Sent::Taken),
            Some(Err(RequestRefused::Closing)) | None => {
                let mut session = self.session();
                let target = self.target(me)?;
                match session.transfer(request, transfer, now) {
                    Err(refused) => refused,
                    Ok(()) if sent.is_some() => {
                        self.queued.replace(Some((session, target)));
                        return Ok(Sent::Taken);
                    }
                    Ok(()) => {
                        self.start(&engine, me.clone(), session, target);
                        return Ok(Sent::Taken);
                    }
                }
            }
            Some(Err(refused)) => refused,
        };
        Ok(Sent::Refused(refused))
    }
}

enum Sent {
    Taken,
    Refused(RequestRefused),
}

fn construct(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 3)?;
    let client = call.this::<HttpClient>()?;
    let me = call.this_object()?;
    let (host, given_port, ssl) = (call.string(0)?, call.long_or(1, 80)?, call.bool_or(2, false)?);
    let Some(port) = port(given_port, host.starts_with(b"unix:")) else {
        let text = "must be between 1 and 65535";
        return Err(error::throw_argument_value_error(1, text));
    };
    let address = Address::parse(&host, port).map_err(|_| {
        error::throw_argument_value_error(0, "must be a host name, an IP address or a unix:/path")
    })?;
    let kind = match &address {
        Address::Unix(_) => 6,
        Address::Ip(ip) if ip.is_ipv6() => 3,
        Address::Ip(_) | Address::Name(..) => 1,
    };
    client.address.replace(Some(address));
    me.set_slot(TYPE, kind);
    me.set_slot(HOST, host);
    me.set_slot(PORT, i64::from(port));
    me.set_slot(SSL, ssl);
    Ok(())
}

fn set(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let client = call.this::<HttpClient>()?;
    let given = call.array(0)?;
    let me = call.this_object()?;
    settings::set(&me, SETTING, &given, &client.config, HttpClientConfig::resolve)?;
    call.ret_bool(true);
    Ok(())
}

fn set_method(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let name = call.str(0)?;
    call.ret_bool(false);
    let Some(method) = METHODS.into_iter().find(|m| name.eq_ignore_ascii_case(m.as_bytes())) else {
        return warn(&format!("Unknown method '{}'", String::from_utf8_lossy(name)));
    };
    call.this_object()?.set_slot(REQUEST_METHOD, method);
    call.ret_bool(true);
    Ok(())
}

fn set_headers(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    settings::merge(&call.this_object()?, REQUEST_HEADERS, &call.array(0)?);
    call.ret_bool(true);
    Ok(())
}

fn set_cookies(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    settings::merge(&call.this_object()?, COOKIES, &call.array(0)?);
    call.ret_bool(true);
    Ok(())
}

fn set_data(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    call.this_object()?.set_slot(REQUEST_BODY, data(call, 0)?);
    call.ret_bool(true);
    Ok(())
}

fn get(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    request(call, Wanted::of(call, Some("GET"))?, call.callable(1)?)
}

fn post(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(3, 3)?;
    let wanted = Wanted { data: Some(data(call, 1)?), ..Wanted::of(call, Some("POST"))? };
    request(call, wanted, call.callable(2)?)
}

fn execute(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    request(call, Wanted::of(call, None)?, call.callable(1)?)
}

fn is_connected(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.ret_bool(call.this::<HttpClient>()?.link.is_open());
    Ok(())
}

fn close(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    client_class::close(call, |client: &HttpClient, forgotten| {
        // A request that has no connection yet is forgotten; one in flight is told of the end.
        let queued = client.queued.take().is_some();
        if queued || !client.link.is_open() {
            forgotten.extend(client.waiting.take());
        }
        let closed = current().is_some_and(|engine| {
            let now = engine.reactor.now();
            client.link.close(&engine, |session| session.handle_own_close(now))
        });
        closed || queued || client.link.is_ending()
    })
}

/// A request's data: an array or a string, as PHP would coerce it.
fn data(call: &Call<'_>, at: usize) -> Result<Value, Thrown> {
    let value = call.value(at);
    if value.kind() == Kind::Array { Ok(value) } else { Ok(call.string(at)?.into()) }
}

/// Sends what is wanted; `false` with a warning if that cannot be.
pub(super) fn request(call: &Call<'_>, wanted: Wanted, callback: Callback) -> Result<(), Thrown> {
    let client = call.this::<HttpClient>()?;
    let me = call.this_object()?;
    call.ret_bool(false);
    if client.address.borrow().is_none() {
        return Err(error::throw_error("The constructor of Swoole\\Http\\Client was not called"));
    }
    if client.waiting.is_set() || client.building.replace(true) {
        return warn("Operation now in progress: the response to another request is waited for");
    }
    let download = wanted.download_file();
    let keep_alive = client.config.borrow().keep_alive;
    let built = wanted.build(&me, keep_alive);
    client.building.set(false);
    let Body { request, mut transfer } = match built? {
        Ok(built) => built,
        Err(why) => return warn(&format!("Unable to send the request: {why}")),
    };
    client.waiting.set(callback);
    let sent = client.send(&me, &request, &mut transfer);
    if let Ok(Sent::Taken) = sent {
        me.set_slot(REQUEST_METHOD, Value::null());
        me.set_slot(REQUEST_BODY, Value::null());
        me.set_slot(UPLOAD_FILES, Value::null());
        me.set_slot(DOWNLOAD_FILE, download);
        forget_response(&me);
        call.ret_bool(true);
        return Ok(());
    }
    let callback = client.waiting.take();
    drop(callback);
    match sent? {
        Sent::Refused(refused) => {
            if refused == RequestRefused::TooLarge {
                me.set_slot(ERR_CODE, OUTPUT_OVERFLOW);
                me.set_slot(ERR_MSG, refused.to_string().as_str());
            }
            warn(&format!("Unable to send the request: {refused}"))
        }
        Sent::Taken => Ok(()),
    }
}

/// `SWOOLE_ERROR_OUTPUT_BUFFER_OVERFLOW`
const OUTPUT_OVERFLOW: i32 = 1008;

fn forget_response(me: &ObjRef) {
    me.set_slot(STATUS, 0);
    me.set_slot(ERR_CODE, 0);
    me.set_slot(ERR_MSG, ZStr::empty());
    me.set_slot(HEADERS, Value::null());
    me.set_slot(SET_COOKIE_HEADERS, Value::null());
    me.set_slot(BODY, ZStr::empty());
}

fn show_response(me: &ObjRef, response: HttpResponse) {
    me.set_slot(STATUS, response.status);
    let mut headers = Array::new(response.headers.len());
    for (name, value) in &response.headers {
        let value = ZStr::from_bytes(value);
        match header_names::interned(name) {
            Some(name) => headers.insert_interned(name, value),
            None => headers.insert(name, value),
        }
    }
    me.set_slot(HEADERS, headers);
    me.set_slot(BODY, ZStr::from_bytes(&response.body));
    if response.set_cookies.is_empty() {
        return;
    }
    let mut cookies = me.slot(COOKIES).as_array().unwrap_or_else(|| Array::new(0));
    for line in &response.set_cookies {
        let pair = line.split(|&byte| byte == b';').next().unwrap_or_default();
        if let Some((name, value)) = parse_cookies(pair).next() {
            cookies.insert(name, ZStr::from_bytes(&value));
        }
    }
    me.set_slot(COOKIES, cookies);
    let lines = response.set_cookies.iter().map(|line| ZStr::from_bytes(line));
    me.set_slot(SET_COOKIE_HEADERS, lines.collect::<Array>());
}
