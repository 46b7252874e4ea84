//! `Swoole\Http\Request`: what a client asked. Its arrays are made when PHP first looks at them.

use std::{
    cell::RefCell,
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use bytes::Bytes;

use crate::{
    proto::http1::{Request, SERVER_NAME, Version, cookie::parse_cookies},
    reactor::wall_at,
    server::Origin,
    zend::{
        Array, Call, ClassDef, Interned, Method, ObjRef, Shape, Slot, State, Thrown, Tracer, Value,
        ZStr,
        bridge::parse_query,
        class::{Class, Handlers},
        define::Const,
        string::ZStrBuilder,
    },
};

use super::header_names;

/// `Swoole\Http\Request`.
pub(super) static REQUEST: Class = Class::new("Swoole\\Http\\Request");
static HANDLERS: Handlers = Handlers::new();

const FD: Slot = Slot(0);
const HEADER: usize = 1;
const SERVER: usize = 2;
const GET: usize = 3;
const POST: usize = 4;
const COOKIE: usize = 5;

/// Bytes of a `Cookie` header from which on it is ignored (classic cap).
const COOKIE_HEADER: usize = 4096;
const FORM: &[u8] = b"application/x-www-form-urlencoded";

/// Registers the class.
pub(super) fn register() {
    header_names::set_up();
    SERVER_SHAPE.set_up();
    SERVER_SHAPE_WITHOUT_QUERY.set_up();
    for name in METHODS.iter().chain([&HTTP11, &HTTP10, &SOFTWARE]) {
        name.set_up();
    }
    ClassDef::new::<HttpRequest>(&REQUEST)
        .alias("swoole_http_request")
        .property("fd", Const::Long(0))
        .property("header", Const::Null)
        .property("server", Const::Null)
        .property("get", Const::Null)
        .property("post", Const::Null)
        .property("cookie", Const::Null)
        .property("files", Const::Null)
        .property("tmpfiles", Const::Null)
        .property("request", Const::Null)
        .method(Method::new("rawContent", raw_content).returns("string|false"))
        .method(Method::new("getContent", raw_content).returns("string|false"))
        .method(Method::new("getData", data).returns("string|false"))
        .register();
}

/// Makes a fresh object that of a request that just arrived. What must be asked of its connection
/// is asked here, for that may be gone when PHP looks; no array and no string is made yet.
pub(super) fn set_up(
    object: &ObjRef,
    origin: Origin,
    request: Request,
    parse_post: bool,
    at: Instant,
) {
    if let Some(state) = object.as_state::<HttpRequest>() {
        let Origin { server_port, peer, .. } = origin;
        let arrived = Arrived { request, parse_post, at, server_port, peer };
        state.arrived.replace(Some(arrived));
    }
    object.set_slot(FD, i64::from(origin.session));
}

/// Gives up the engine's reference after the callback. A request that outlives it is made independent
/// of its connection's read buffer; one that does not may be used again.
pub(super) fn release(object: ObjRef) -> Option<ObjRef> {
    if object.refcount() > 1
        && let Some(state) = object.as_state::<HttpRequest>()
        && let Some(arrived) = &mut *state.arrived.borrow_mut()
    {
        arrived.request.compact();
    }
    object.renew::<HttpRequest>()
}

/// The state of a `Swoole\Http\Request`.
struct HttpRequest {
    /// `None`: made by the program itself.
    arrived: RefCell<Option<Arrived>>,
    /// What earlier requests left, for this object serves one after the other.
    known: RefCell<Known>,
}

/// What is alike in many requests: made once, given to each of them. PHP copies what it writes to.
#[derive(Default)]
struct Known {
    peer: Option<(IpAddr, ZStr)>,
    /// The header lines of which `header` was made.
    lines: Vec<u8>,
    header: Option<Array>,
}

impl Known {
    /// The array holds strings alone: nothing of PHP runs when it goes.
    fn forget_header(&mut self) {
        self.lines.clear();
        if let Some(header) = self.header.take() {
            header.set_collected(true);
        }
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        self.forget_header();
    }
}

/// Header lines longer than this are not known again.
const LINES: usize = 2048;

/// A request and what was known of its connection when it came.
struct Arrived {
    request: Request,
    parse_post: bool,
    at: Instant,
    server_port: u16,
    /// `None` over a unix socket.
    peer: Option<SocketAddr>,
}

impl State for HttpRequest {
    const LAZY: u32 = 1 << HEADER | 1 << SERVER | 1 << GET | 1 << POST | 1 << COOKIE;

    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn create() -> Self {
        HttpRequest { arrived: RefCell::new(None), known: RefCell::default() }
    }

    fn trace(&self, tracer: &mut Tracer) {
        if let Ok(known) = self.known.try_borrow()
            && let Some(header) = &known.header
        {
            tracer.array(header);
        }
    }

    fn renew(&self) {
        self.arrived.take();
    }

    fn fill(&self, slot: usize) -> Value {
        // PHP's parser may warn, and so call a program's error handler: it gets bytes of its own,
        // and no borrow is open.
        let form = match slot {
            HEADER => return self.read(|arrived| Some(self.header(arrived).into())),
            SERVER => return self.read(|arrived| Some(arrived.server(self.peer(arrived)).into())),
            COOKIE => return self.read(|arrived| Some(arrived.cookie()?.into())),
            GET => self.bytes(Arrived::query),
            POST => self.bytes(Arrived::form),
            _ => None,
        };
        form.map_or(Value::null(), |text| parse_query(&text).into())
    }
}

impl HttpRequest {
    fn read(&self, make: impl FnOnce(&Arrived) -> Option<Value>) -> Value {
        self.arrived.borrow().as_ref().and_then(make).unwrap_or(Value::null())
    }

    /// The array of the header lines, the last one if they are the same.
    fn header(&self, arrived: &Arrived) -> Array {
        if arrived.request.authority().is_some() {
            return arrived.header();
        }
        let (lines, mut known) = (arrived.request.header_lines(), self.known.borrow_mut());
        if let Some(header) = &known.header
            && known.lines == lines
        {
            return header.clone();
        }
        let header = arrived.header();
        if lines.len() <= LINES {
            known.forget_header();
            known.lines.extend_from_slice(lines);
            header.set_collected(false);
            known.header = Some(header.clone());
        }
        header
    }

    /// The peer's address as text, the last one if it is the same.
    fn peer(&self, arrived: &Arrived) -> Value {
        let Some(peer) = arrived.peer.map(|peer| peer.ip()) else { return Value::str(b"") };
        let mut known = self.known.borrow_mut();
        if let Some((address, text)) = &known.peer
            && *address == peer
        {
            return text.clone().into();
        }
        let text = address_text(peer);
        known.peer = Some((peer, text.clone()));
        text.into()
    }

    fn bytes(&self, find: impl FnOnce(&Arrived) -> Option<Bytes>) -> Option<Bytes> {
        self.arrived.borrow().as_ref().and_then(find)
    }
}

impl Arrived {
    /// Names in lower case, without cookies; of equal names the last wins, and before `Host` goes the
    /// host of an absolute target (RFC 9112 section 3.2.2).
    fn header(&self) -> Array {
        let mut array = Array::new(self.request.header_count());
        let mut lower = Vec::new();
        for (name, value) in self.request.headers() {
            if let Some(name) = header_names::interned(name) {
                array.insert_interned(name, value);
            } else if !name.eq_ignore_ascii_case(b"cookie") {
                lower.clear();
                lower.extend(name.iter().map(u8::to_ascii_lowercase));
                array.insert(&lower, value);
            }
        }
        if let Some(host) = self.request.authority() {
            array.insert(b"host", host);
        }
        array
    }

    fn server(&self, address: Value) -> Array {
        let since = wall_at(self.at);
        let seconds = Value::long(i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
        let path = Value::str(self.request.path());
        let port = self.peer.map_or(0, |peer| peer.port());
        let values = [
            method(self.request.method()),
            path.clone(),
            path,
            seconds.clone(),
            Value::double(since.as_secs_f64()),
            Value::long(self.server_port.into()),
            Value::long(port.into()),
            address,
            seconds,
            match self.request.version() {
                Version::Http11 => (&HTTP11).into(),
                Version::Http10 => (&HTTP10).into(),
            },
            (&SOFTWARE).into(),
        ];
        let Some(query) = self.request.query().filter(|query| !query.is_empty()) else {
            return SERVER_SHAPE_WITHOUT_QUERY.array(values);
        };
        let [a, b, c, d, e, f, g, h, i, j, k] = values;
        SERVER_SHAPE.array([Value::str(query), a, b, c, d, e, f, g, h, i, j, k])
    }

    /// `None` without a cookie header. Of equal names the first wins, as in PHP's own `$_COOKIE`:
    /// browsers send the cookie of the longest path first (RFC 6265 section 5.4).
    fn cookie(&self) -> Option<Array> {
        let named = |(name, _): &(&[u8], &[u8])| name.eq_ignore_ascii_case(b"cookie");
        let mut array = None;
        for (_, header) in self.request.headers().filter(named) {
            if header.len() >= COOKIE_HEADER {
                continue;
            }
            let array = array.get_or_insert_with(|| Array::new(8));
            for (name, value) in parse_cookies(header) {
                if array.get(name).is_none() {
                    array.insert(name, &*value);
                }
            }
        }
        array
    }

    fn query(&self) -> Option<Bytes> {
        let query = self.request.query().filter(|query| !query.is_empty())?;
        Some(self.request.head().slice_ref(query))
    }

    /// The body, if it is an urlencoded form that shall be parsed.
    fn form(&self) -> Option<Bytes> {
        if !self.parse_post || self.request.body().is_empty() {
            return None;
        }
        let kind = self.request.header(b"content-type")?;
        let kind = kind.split(|&b| b == b';').next().unwrap_or_default().trim_ascii();
        kind.eq_ignore_ascii_case(FORM).then(|| self.request.body().clone())
    }
}

fn raw_content(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let body = call.this::<HttpRequest>()?.bytes(|arrived| Some(arrived.request.body().clone()));
    match body {
        Some(body) if !body.is_empty() => call.ret_str(&body),
        _ => call.ret_bool(false),
    }
    Ok(())
}

/// The head as it came and the body, its transfer coding taken off.
fn data(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let text = call.this::<HttpRequest>()?.read(|arrived| {
        let (head, body) = (arrived.request.head(), arrived.request.body());
        let mut text = ZStrBuilder::with_capacity(head.len() + body.len());
        text.append(head);
        text.append(body);
        Some(ZStr::into(text.finish()))
    });
    if text.is_null() {
        call.ret_bool(false);
    } else {
        call.ret_value(text);
    }
    Ok(())
}

/// The string that stands ready with that text, or a new one.
fn method(text: &[u8]) -> Value {
    match METHODS.iter().find(|known| known.text().as_bytes() == text) {
        Some(known) => known.into(),
        None => Value::str(text),
    }
}

/// What `Display` writes; an IPv4 address without its detours.
fn address_text(address: IpAddr) -> ZStr {
    let IpAddr::V4(address) = address else {
        return ZStr::from_bytes(address.to_string().as_bytes());
    };
    let mut text = [0; "255.255.255.255".len()];
    let mut end = 0;
    for octet in address.octets() {
        let mut digits = itoa::Buffer::new();
        for digit in digits.format(octet).bytes().chain([b'.']) {
            if let Some(place) = text.get_mut(end) {
                *place = digit;
            }
            end += 1;
        }
    }
    ZStr::from_bytes(text.get(..end - 1).unwrap_or_default())
}

/// Methods that most requests have.
static METHODS: [Interned; 4] =
    [Interned::new("GET"), Interned::new("POST"), Interned::new("HEAD"), Interned::new("PUT")];
static HTTP11: Interned = Interned::new("HTTP/1.1");
static HTTP10: Interned = Interned::new("HTTP/1.0");

static SOFTWARE: Interned = Interned::new(SERVER_NAME);

static SERVER_SHAPE: Shape = Shape::new(&SERVER_KEYS);
/// An absent query string has no element.
static SERVER_SHAPE_WITHOUT_QUERY: Shape = Shape::new(SERVER_KEYS.split_at(1).1);

/// The keys of `$server`, in their order.
static SERVER_KEYS: [Interned; 12] = [
    Interned::new("query_string"),
    Interned::new("request_method"),
    Interned::new("request_uri"),
    Interned::new("path_info"),
    Interned::new("request_time"),
    Interned::new("request_time_float"),
    Interned::new("server_port"),
    Interned::new("remote_port"),
    Interned::new("remote_addr"),
    Interned::new("master_time"),
    Interned::new("server_protocol"),
    Interned::new("server_software"),
];
