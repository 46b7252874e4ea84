//! `Swoole\Http\Client`: one request in flight, its response told by a one-shot callback.
//!
//! The response callback waits in the object, which shows it to PHP's collector. It is taken away
//! before the call and given up after it, so it never dies with the client under its own feet.

use std::cell::{Cell, RefCell};

use crate::{
    client::{
        End, Target,
        http::{HttpConfig, HttpEvent, HttpResponse, HttpSession, RequestRefused},
    },
    net::Address,
    options::HttpClientConfig,
    proto::{
        http1::{OutgoingRequest, cookie::parse_cookies},
        limits::Limits,
    },
    zend::{
        Arg, Array, Call, Callback, ClassDef, Kind, Method, ObjRef, State, Thrown, Tracer, Value,
        ZStr,
        array::Key,
        class::{Class, Handlers},
        define::Const,
        error, fence,
    },
};

use super::{
    callbacks::OneShot,
    client::bind_address,
    client_class::{self, Events, on_method, port, properties, set_error},
    engine::{Engine, current, engine},
    link::{Client, Link, Next, as_client},
    outfit,
    settings::{self, warn},
};

/// `Swoole\Http\Client`.
pub(super) static HTTP_CLIENT: Class = Class::new("Swoole\\Http\\Client");
static HANDLERS: Handlers = Handlers::new();

properties! {
    TYPE: "type" = Const::Long(0);
    ERR_CODE: "errCode" = Const::Long(0);
    ERR_MSG: "errMsg" = Const::Str("");
    STATUS: "statusCode" = Const::Long(0);
    HOST: "host" = Const::Null;
    PORT: "port" = Const::Long(0);
    SSL: "ssl" = Const::Bool(false);
    SOCK: "sock" = Const::Long(0);
    SETTING: "setting" = Const::Null;
    REQUEST_METHOD: "requestMethod" = Const::Null;
    REQUEST_HEADERS: "requestHeaders" = Const::Null;
    REQUEST_BODY: "requestBody" = Const::Null;
    _UPLOAD_FILES: "uploadFiles" = Const::Null;
    _DOWNLOAD_FILE: "downloadFile" = Const::Null;
    HEADERS: "headers" = Const::Null;
    SET_COOKIE_HEADERS: "set_cookie_headers" = Const::Null;
    COOKIES: "cookies" = Const::Null;
    BODY: "body" = Const::Str("");
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
    ClassDef::new::<HttpClient>(&HTTP_CLIENT)
        .alias("swoole_http_client")
        .properties(PROPERTIES)
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
    link: Link<HttpSession>,
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
            HttpEvent::Response(response) => show_response(me, response),
            HttpEvent::Failed { status, why } => {
                me.set_slot(STATUS, status);
                set_error(me, ERR_CODE, ERR_MSG, why);
            }
        }
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
    const EVENTS: &'static [&'static str] = &["connect", "error", "close"];

    fn may_register(&self, name: &[u8]) -> Result<bool, Thrown> {
        if name.eq_ignore_ascii_case(b"message") {
            warn("onMessage needs WebSocket, which is not implemented yet")?;
            return Ok(false);
        }
        Ok(true)
    }
}

impl HttpClient {
    /// How to connect, by the options as they are now.
    fn target(&self, me: &ObjRef) -> Result<Target, Thrown> {
        let Some(address) = self.address.borrow().clone() else {
            return Err(error::throw_error("The constructor was not called"));
        };
        let config = self.config.borrow();
        let mut target = Target {
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
        HttpSession::new(HttpConfig {
            response: config.timeout,
            idle: config.client.read_timeout,
            limits: Limits::RESPONSE,
        })
    }

    /// Sends a request, or connects for it, or keeps it for the next connection.
    fn send(&self, me: &ObjRef, request: &OutgoingRequest) -> Result<Sent, Thrown> {
        let engine = engine()?;
        let now = engine.reactor.refresh_now();
        let sent = self.link.with_session(&engine, |session| session.request(request, now));
        let refused = match sent {
            Some(Ok(())) => return Ok(Sent::Taken),
            Some(Err(RequestRefused::Closing)) | None => {
                let mut session = self.session();
                let target = self.target(me)?;
                match session.request(request, now) {
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
    request(call, Some("GET"), None, call.callable(1)?)
}

fn post(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(3, 3)?;
    request(call, Some("POST"), Some(data(call, 1)?), call.callable(2)?)
}

fn execute(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    request(call, None, None, call.callable(1)?)
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
        let closed = current().is_some_and(|engine| client.link.close(&engine, |_| ()));
        closed || queued || client.link.is_ending()
    })
}

/// A request's data: an array or a string, as PHP would coerce it.
fn data(call: &Call<'_>, at: usize) -> Result<Value, Thrown> {
    let value = call.value(at);
    if value.kind() == Kind::Array { Ok(value) } else { Ok(call.string(at)?.into()) }
}

fn request(
    call: &Call<'_>,
    method: Option<&'static str>,
    data: Option<Value>,
    callback: Callback,
) -> Result<(), Thrown> {
    let client = call.this::<HttpClient>()?;
    let me = call.this_object()?;
    let path = call.string(0)?;
    call.ret_bool(false);
    if client.address.borrow().is_none() {
        return Err(error::throw_error("The constructor of Swoole\\Http\\Client was not called"));
    }
    if client.waiting.is_set() || client.building.replace(true) {
        return warn("Operation now in progress: the response to another request is waited for");
    }
    let built = build(client, &me, &path, method, data);
    client.building.set(false);
    let request = built?;
    client.waiting.set(callback);
    let sent = client.send(&me, &request);
    if let Ok(Sent::Taken) = sent {
        me.set_slot(REQUEST_METHOD, Value::null());
        me.set_slot(REQUEST_BODY, Value::null());
        forget_response(&me);
        call.ret_bool(true);
        return Ok(());
    }
    let callback = client.waiting.take();
    drop(callback);
    match sent? {
        Sent::Refused(refused) => warn(&format!("Unable to send the request: {refused}")),
        Sent::Taken => Ok(()),
    }
}

/// Puts a request together from the object's properties. Runs PHP code where they hold objects.
fn build(
    client: &HttpClient,
    me: &ObjRef,
    path: &ZStr,
    method: Option<&'static str>,
    data: Option<Value>,
) -> Result<OutgoingRequest, Thrown> {
    let data = data.unwrap_or_else(|| me.slot(REQUEST_BODY));
    let chosen = me.slot(REQUEST_METHOD);
    let method = match (method, chosen.as_str()) {
        (Some(method), _) => method.as_bytes().to_vec(),
        (None, Some(method)) => method.to_vec(),
        (None, None) if data.is_null() => b"GET".to_vec(),
        (None, None) => b"POST".to_vec(),
    };
    let form = data.kind() == Kind::Array;
    let body = match data.kind() {
        Kind::Null => Vec::new(),
        Kind::Array => {
            let query = fence::call_function("http_build_query", &[data]).into_result()?;
            query.as_str().unwrap_or_default().to_vec()
        }
        Kind::Bool | Kind::Long | Kind::Double | Kind::Str | Kind::Object | Kind::Resource => {
            data.to_zstr()?.to_vec()
        }
    };
    Ok(OutgoingRequest {
        method,
        target: path.to_vec(),
        host: host(&me.slot(HOST)),
        headers: pairs(&me.slot(REQUEST_HEADERS))?,
        cookies: pairs(&me.slot(COOKIES))?,
        body,
        form,
        keep_alive: client.config.borrow().keep_alive,
    })
}

/// The host as the `Host` field wants it, without the port as the classic client sent it.
fn host(host: &Value) -> Vec<u8> {
    let host = host.as_str().unwrap_or_default();
    if host.starts_with(b"unix:") {
        return b"localhost".to_vec();
    }
    if host.contains(&b':') && !host.starts_with(b"[") {
        return [b"[", host, b"]"].concat();
    }
    host.to_vec()
}

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// The elements of an array, keys and values as text.
fn pairs(array: &Value) -> Result<Pairs, Thrown> {
    let Some(array) = array.as_array() else { return Ok(Vec::new()) };
    let mut pairs = Vec::with_capacity(array.len());
    for (key, value) in array.iter() {
        if let Some(name) = key.as_str() {
            pairs.push((name.to_vec(), value.to_zstr()?.to_vec()));
        } else if let Key::Index(name) = key {
            pairs.push((name.to_string().into_bytes(), value.to_zstr()?.to_vec()));
        }
    }
    Ok(pairs)
}

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
        headers.insert(name, ZStr::from_bytes(value));
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
