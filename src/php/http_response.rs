//! `Swoole\Http\Response`: the answer to one request.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use crate::{
    proto::http1::{HeaderBlock, cookie::Cookie, is_field_value},
    server::{AnswerError, ExchangeId, Head, SessionError, SessionId, Worker},
    zend::{
        Arg, Array, Call, ClassDef, Method, ObjRef, Slot, State, Thrown, Value, ZStr,
        class::{Class, Handlers},
        define::Const,
        error, fence,
    },
};

use super::{engine, exception::EXCEPTION, files::open_part, functions, settings::warn};

/// `Swoole\Http\Response`.
pub(super) static RESPONSE: Class = Class::new("Swoole\\Http\\Response");
static HANDLERS: Handlers = Handlers::new();

const FD: Slot = Slot(0);
const HEADER: Slot = Slot(1);
const COOKIE: Slot = Slot(2);

const FINISHED: &str = "Http request is finished.";
const HEAD_SENT: &str = "The header has been sent already";

/// Registers the class.
pub(super) fn register() {
    let cookie = |method: Method| {
        method
            .arg(Arg::new("name", "string"))
            .arg(Arg::new("value", "string").default("''"))
            .arg(Arg::new("expires", "int").default("0"))
            .arg(Arg::new("path", "string").default("''"))
            .arg(Arg::new("domain", "string").default("''"))
            .arg(Arg::new("secure", "bool").default("false"))
            .arg(Arg::new("httponly", "bool").default("false"))
            .arg(Arg::new("samesite", "string").default("''"))
            .returns("?bool")
    };
    ClassDef::new::<HttpResponse>(&RESPONSE)
        .alias("swoole_http_response")
        .property("fd", Const::Long(0))
        .property("header", Const::Null)
        .property("cookie", Const::Null)
        .property("trailer", Const::Null)
        .method(
            Method::new("header", header)
                .arg(Arg::new("key", "string"))
                .arg(Arg::new("value", "string"))
                .arg(Arg::new("ucwords", "bool").default("true"))
                .returns("?bool"),
        )
        .method(Method::new("initHeader", init_header).returns("?bool"))
        .method(cookie(Method::new("cookie", encoded_cookie)))
        .method(cookie(Method::new("rawCookie", raw_cookie)))
        .method(
            Method::new("status", status)
                .arg(Arg::new("code", "int"))
                .arg(Arg::new("reason", "?string").default("null"))
                .returns("?bool"),
        )
        .method(
            Method::new("gzip", gzip).arg(Arg::new("level", "int").default("-1")).returns("bool"),
        )
        .method(Method::new("write", write).arg(Arg::new("data", "string")).returns("bool"))
        .method(
            Method::new("end", end)
                .arg(Arg::new("data", "?string").default("null"))
                .returns("bool"),
        )
        .method(
            Method::new("sendfile", send_file)
                .arg(Arg::new("file", "string"))
                .arg(Arg::new("offset", "int").default("0"))
                .arg(Arg::new("length", "int").default("0"))
                .returns("bool"),
        )
        .method(
            Method::new("redirect", redirect)
                .arg(Arg::new("url", "string"))
                .arg(Arg::new("code", "int").default("302"))
                .returns("bool"),
        )
        .method(Method::new("detach", detach).returns("bool"))
        .method(
            Method::new("create", create)
                .arg(Arg::new("fd", "int"))
                .returns("Swoole\\Http\\Response|false")
                .make_static(),
        )
        .method(Method::new("isWritable", is_writable).returns("bool"))
        .register();
}

/// Makes a fresh object answer an exchange. `limit`: bytes of one `end()` or `write()`
/// (buffer_output_size).
pub(super) fn set_up(
    object: &ObjRef,
    worker: &Rc<Worker>,
    id: ExchangeId,
    session: SessionId,
    limit: usize,
) {
    if let Some(response) = object.as_state::<HttpResponse>() {
        let mut home = response.home.borrow_mut();
        if !std::ptr::eq(home.as_ptr(), Rc::as_ptr(worker)) {
            *home = Rc::downgrade(worker);
        }
        response.limit.set(limit);
        response.exchange.set(Some(id));
    }
    object.set_slot(FD, i64::from(session));
}

/// Gives up the engine's reference after the callback. A response that dies may be used again.
pub(super) fn release(object: ObjRef) -> Option<ObjRef> {
    object.renew::<HttpResponse>()
}

/// Names the worker of this process and its limit, for `create()`.
pub(super) fn serve(worker: &Rc<Worker>, limit: usize) {
    WORKER.set((Rc::downgrade(worker), limit));
}

thread_local! {
    /// The worker of this process and its limit, for `create()`.
    static WORKER: RefCell<(Weak<Worker>, usize)> = const { RefCell::new((Weak::new(), 0)) };
}

/// The state of a `Swoole\Http\Response`.
struct HttpResponse {
    /// What is answered; `None`: made by the program itself.
    exchange: Cell<Option<ExchangeId>>,
    /// Who answers. No hold on the worker: its sockets close when its process wants them to.
    home: RefCell<Weak<Worker>>,
    /// Bytes of one `end()` or `write()`.
    limit: Cell<usize>,
    phase: Cell<Phase>,
    /// 0: not set.
    status: Cell<u16>,
    reason: RefCell<Option<ZStr>>,
    headers: RefCell<HeaderBlock>,
    /// The program has looked at these properties: they follow what is set later.
    shows_header: Cell<bool>,
    shows_cookie: Cell<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing was sent.
    Waiting,
    /// The head is out.
    Begun,
    /// Ended, detached, or its peer is gone.
    Over,
}

impl State for HttpResponse {
    const LAZY: u32 = 1 << HEADER.0 | 1 << COOKIE.0;

    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn create() -> Self {
        HttpResponse {
            exchange: Cell::new(None),
            home: RefCell::default(),
            limit: Cell::new(usize::MAX),
            phase: Cell::new(Phase::Waiting),
            status: Cell::new(0),
            reason: RefCell::new(None),
            headers: RefCell::new(HeaderBlock::new()),
            shows_header: Cell::new(false),
            shows_cookie: Cell::new(false),
        }
    }

    /// Contract C4: the peer never waits for a dead object.
    fn free(&self) {
        match self.phase.get() {
            Phase::Over => {}
            Phase::Begun => {
                if let Some((worker, id)) = self.worker() {
                    worker.break_off(id);
                }
            }
            Phase::Waiting => {
                if fence::bailed() || engine::current().is_some_and(|e| e.is_unwinding()) {
                    self.status.set(0);
                }
                // An interim status promises an answer, which nobody is left to give.
                if self.status.get() < 200 {
                    self.status.set(500);
                    self.reason.take();
                }
                let _ = self.complete(b"");
            }
        }
    }

    fn renew(&self) {
        self.exchange.set(None);
        self.limit.set(usize::MAX);
        self.phase.set(Phase::Waiting);
        self.status.set(0);
        self.reason.take();
        self.headers.borrow_mut().clear();
        self.shows_header.set(false);
        self.shows_cookie.set(false);
    }

    fn fill(&self, slot: usize) -> Value {
        if slot == HEADER.0 {
            self.shows_header.set(true);
            if self.headers.borrow().is_empty() { Value::null() } else { self.header_array() }
        } else {
            self.shows_cookie.set(true);
            let none = self.headers.borrow().iter_cookies().next().is_none();
            if none { Value::null() } else { self.cookie_array() }
        }
    }
}

impl HttpResponse {
    fn worker(&self) -> Option<(Rc<Worker>, ExchangeId)> {
        let id = self.exchange.get()?;
        Some((self.home.borrow().upgrade()?, id))
    }

    fn limit(&self) -> usize {
        self.limit.get()
    }

    /// Hands the head and what `act` adds to it to the worker. Nothing of PHP runs.
    fn with_head(
        &self,
        act: impl FnOnce(&Worker, ExchangeId, Head<'_>) -> Result<(), AnswerError>,
    ) -> Result<(), AnswerError> {
        let (worker, id) = self.worker().ok_or(AnswerError::Gone)?;
        let headers = self.headers.borrow();
        let reason = self.reason.borrow();
        let status = match self.status.get() {
            0 => 200,
            status => status,
        };
        act(&worker, id, Head { status, reason: reason.as_deref(), headers: &headers })
    }

    /// Ends the answer with `data`.
    fn complete(&self, data: &[u8]) -> Result<(), AnswerError> {
        let before = self.phase.replace(Phase::Over);
        let completed = if before == Phase::Begun {
            self.complete_begun(data)
        } else {
            self.with_head(|worker, id, head| worker.respond(id, head, data))
        };
        if completed == Err(AnswerError::Full) {
            self.phase.set(before);
        }
        completed
    }

    fn complete_begun(&self, data: &[u8]) -> Result<(), AnswerError> {
        let (worker, id) = self.worker().ok_or(AnswerError::Gone)?;
        if !data.is_empty() {
            worker.write(id, data)?;
        }
        worker.finish(id)
    }

    fn begin(&self) -> Result<(), AnswerError> {
        let begun = self.with_head(|worker, id, head| worker.begin(id, head));
        self.phase.set(if begun.is_ok() { Phase::Begun } else { Phase::Over });
        begun
    }

    fn header_array(&self) -> Value {
        let headers = self.headers.borrow();
        let mut array = Array::new(8);
        for (name, value) in headers.iter() {
            array.insert(name, value);
        }
        array.into()
    }

    fn cookie_array(&self) -> Value {
        self.headers.borrow().iter_cookies().collect::<Array>().into()
    }

    fn set_header(&self, call: &Call<'_>, name: &[u8], value: &[u8], ucwords: bool) -> Set {
        let set = self.headers.borrow_mut().set(name, value, ucwords);
        if let Err(refused) = set {
            let name = String::from_utf8_lossy(name.get(..64).unwrap_or(name));
            warn(&format!("Unable to set header '{}': {refused}", name.escape_debug()))?;
            return Ok(false);
        }
        if self.shows_header.get() {
            call.this_object()?.set_slot(HEADER, self.header_array());
        }
        Ok(true)
    }

    fn has_header(&self, name: &[u8]) -> bool {
        self.headers.borrow().iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    fn set_status(&self, code: i64, reason: Option<ZStr>) -> Set {
        // 101 is the answer of a handshake; other interim answers leave the peer waiting.
        let status = u16::try_from(code).ok().filter(|c| matches!(c, 101 | 200..=999));
        let Some(status) = status else {
            warn(&format!("The status code {code} is not one of 101 and 200 to 999"))?;
            return Ok(false);
        };
        if reason.as_deref().is_some_and(|reason| !is_field_value(reason)) {
            warn("The reason holds a control character")?;
            return Ok(false);
        }
        self.status.set(status);
        self.reason.replace(reason);
        Ok(true)
    }

    /// Whether the head may still be changed; else a warning was raised.
    fn expect_waiting(&self) -> Set {
        let text = match self.phase.get() {
            Phase::Waiting => return Ok(true),
            Phase::Begun => HEAD_SENT,
            Phase::Over => FINISHED,
        };
        warn(text)?;
        Ok(false)
    }

    /// Whether `data` may be sent in one piece; else a warning was raised.
    fn expect_fits(&self, data: &[u8]) -> Set {
        let (length, limit) = (data.len(), self.limit());
        if length <= limit {
            return Ok(true);
        }
        warn(&format!(
            "The data of {length} bytes is larger than buffer_output_size ({limit}): \
             use sendfile() or send it in pieces with write()"
        ))?;
        Ok(false)
    }
}

/// Whether it could be done; `false`: a warning said why not.
type Set = Result<bool, Thrown>;

/// The classic result of setters: null, or false after a warning.
fn ret_set(call: &Call<'_>, set: bool) {
    if !set {
        call.ret_bool(false);
    }
}

/// Of an answer: true; false without a word when the peer is gone.
fn ret_sent(call: &Call<'_>, sent: Result<(), AnswerError>) -> Result<(), Thrown> {
    call.ret_bool(sent.is_ok());
    match sent {
        Ok(()) | Err(AnswerError::Gone) => Ok(()),
        Err(AnswerError::Begun) => warn(FINISHED),
        Err(AnswerError::Full) => {
            functions::set_last_error(SessionError::Overflow.code());
            Ok(())
        }
    }
}

fn header(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 3)?;
    let response = call.this::<HttpResponse>()?;
    let (name, value, ucwords) = (call.str(0)?, call.str(1)?, call.bool_or(2, true)?);
    let set = response.expect_waiting()? && response.set_header(call, name, value, ucwords)?;
    ret_set(call, set);
    Ok(())
}

fn init_header(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let response = call.this::<HttpResponse>()?;
    let waiting = response.expect_waiting()?;
    if waiting {
        let me = call.this_object()?;
        response.shows_header.set(true);
        response.shows_cookie.set(true);
        me.set_slot(HEADER, response.header_array());
        me.set_slot(COOKIE, response.cookie_array());
    }
    ret_set(call, waiting);
    Ok(())
}

fn encoded_cookie(call: &Call<'_>) -> Result<(), Thrown> {
    cookie(call, false)
}

fn raw_cookie(call: &Call<'_>) -> Result<(), Thrown> {
    cookie(call, true)
}

fn cookie(call: &Call<'_>, raw: bool) -> Result<(), Thrown> {
    call.args(1, 8)?;
    let response = call.this::<HttpResponse>()?;
    let cookie = Cookie {
        name: call.str(0)?,
        value: call.str_or(1, b"")?,
        expires: call.long_or(2, 0)?,
        path: call.str_or(3, b"")?,
        domain: call.str_or(4, b"")?,
        secure: call.bool_or(5, false)?,
        http_only: call.bool_or(6, false)?,
        same_site: call.str_or(7, b"")?,
        raw,
    };
    if !response.expect_waiting()? {
        call.ret_bool(false);
        return Ok(());
    }
    let refused = match cookie.build() {
        Ok(line) => response.headers.borrow_mut().add_cookie(&line).err().map(|e| e.to_string()),
        Err(error) => Some(error.to_string()),
    };
    if let Some(refused) = refused {
        call.ret_bool(false);
        return warn(&format!("Unable to set cookie: {refused}"));
    }
    if response.shows_cookie.get() {
        call.this_object()?.set_slot(COOKIE, response.cookie_array());
    }
    Ok(())
}

fn status(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 2)?;
    let response = call.this::<HttpResponse>()?;
    let (code, reason) = (call.long(0)?, call.opt_string(1)?);
    let set = response.expect_waiting()? && response.set_status(code, reason)?;
    ret_set(call, set);
    Ok(())
}

fn gzip(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    call.long_or(0, -1)?;
    call.ret_bool(false);
    warn("Response compression is not implemented yet")
}

fn write(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let response = call.this::<HttpResponse>()?;
    let data = call.str(0)?;
    call.ret_bool(false);
    if response.phase.get() == Phase::Over {
        return warn(FINISHED);
    }
    if !response.expect_fits(data)? {
        return Ok(());
    }
    if response.phase.get() == Phase::Waiting
        && let Err(refused) = response.begin()
    {
        return ret_sent(call, Err(refused));
    }
    // As the classic engine: the head is out by then.
    if data.is_empty() {
        return warn("The data is empty");
    }
    let sent = match response.worker() {
        Some((worker, id)) => worker.write(id, data),
        None => Err(AnswerError::Gone),
    };
    ret_sent(call, sent)
}

fn end(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let response = call.this::<HttpResponse>()?;
    let data = call.opt_str(0)?.unwrap_or_default();
    if response.phase.get() == Phase::Over {
        call.ret_bool(false);
        return warn(FINISHED);
    }
    if !response.expect_fits(data)? {
        call.ret_bool(false);
        return Ok(());
    }
    ret_sent(call, response.complete(data))
}

fn send_file(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 3)?;
    let response = call.this::<HttpResponse>()?;
    let (name, offset, length) = (call.str(0)?, call.long_or(1, 0)?, call.long_or(2, 0)?);
    call.ret_bool(false);
    match response.phase.get() {
        Phase::Waiting => {}
        Phase::Begun => {
            return Err(error::throw(&EXCEPTION, "sendfile() can not follow write()", 0));
        }
        Phase::Over => return warn(FINISHED),
    }
    let Some(name) = std::str::from_utf8(name).ok().filter(|name| !name.is_empty()) else {
        return warn("The file name is empty or not UTF-8");
    };
    let (file, offset, length) = match open_part(name, offset, length) {
        Ok(part) => part,
        Err(why) => return warn(&format!("Unable to send the file '{name}': {why}")),
    };
    if !response.has_header(b"content-type")
        && let Some(kind) = mime_guess::from_path(name).first_raw()
        && !response.set_header(call, b"Content-Type", kind.as_bytes(), true)?
    {
        return Ok(());
    }
    response.phase.set(Phase::Over);
    let sent =
        response.with_head(|worker, id, head| worker.respond_file(id, head, file, offset, length));
    ret_sent(call, sent)
}

fn redirect(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 2)?;
    let response = call.this::<HttpResponse>()?;
    let (url, code) = (call.str(0)?, call.long_or(1, 302)?);
    call.ret_bool(false);
    if !response.expect_waiting()? {
        return Ok(());
    }
    if !(300..=399).contains(&code) {
        return warn(&format!("The status code {code} is no redirection"));
    }
    if response.set_header(call, b"Location", url, true)? && response.set_status(code, None)? {
        return ret_sent(call, response.complete(b""));
    }
    Ok(())
}

fn detach(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let response = call.this::<HttpResponse>()?;
    call.ret_bool(response.phase.replace(Phase::Over) != Phase::Over);
    Ok(())
}

fn create(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let fd = call.long(0)?;
    call.ret_bool(false);
    let (worker, limit) = WORKER.with_borrow(Clone::clone);
    let found = worker.upgrade().zip(SessionId::try_from(fd).ok());
    let found = found.and_then(|(worker, session)| {
        let id = worker.exchange_of(session)?;
        Some((worker, session, id))
    });
    let Some((worker, session, id)) = found else {
        return warn(&format!("The session {fd} has no request that waits for an answer"));
    };
    let object = ObjRef::new_of(&RESPONSE)?;
    set_up(&object, &worker, id, session, limit);
    if !worker.is_waiting(id)
        && let Some(response) = object.as_state::<HttpResponse>()
    {
        response.phase.set(Phase::Begun);
    }
    call.ret_value(object);
    Ok(())
}

fn is_writable(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let response = call.this::<HttpResponse>()?;
    let writable = match (response.phase.get(), response.worker()) {
        (Phase::Waiting, Some((worker, id))) => worker.is_waiting(id),
        (Phase::Begun, Some((worker, id))) => {
            worker.info_of(id).is_some_and(|(_, info)| info.active)
        }
        _ => false,
    };
    call.ret_bool(writable);
    Ok(())
}
