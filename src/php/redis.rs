//! `Swoole\Redis`: commands by name, each with a one-shot callback, replies in their order.
//!
//! The callbacks that wait stand in the object, which shows them to PHP's collector: one for the
//! connect, then one for each command in the order of the replies.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};

use crate::{
    client::{
        End, Target,
        redis::{CommandError, Mode, RedisEvent, RedisSession},
    },
    net::Address,
    options::RedisConfig,
    proto::redis::Reply,
    zend::{
        Arg, Array, Call, Callback, ClassDef, Method, ObjRef, Slot, State, Thrown, Tracer, Value,
        ZStr,
        class::{Class, Handlers},
        define::Const,
        error,
    },
};

use super::{
    callbacks::OneShot,
    client_class::{self, Events, on_method, port, properties, set_error},
    engine::{current, engine},
    link::{Client, Link, Next, as_client},
    outfit::{self, tls_host},
    settings::{self, warn},
};

/// `Swoole\Redis`.
pub(super) static REDIS: Class = Class::new("Swoole\\Redis");
static HANDLERS: Handlers = Handlers::new();

properties! {
    SETTING: "setting" = Const::Null;
    HOST: "host" = Const::Null;
    PORT: "port" = Const::Null;
    SOCK: "sock" = Const::Null;
    ERR_CODE: "errCode" = Const::Null;
    ERR_MSG: "errMsg" = Const::Null;
    ON_CONNECT: "onConnect" = Const::Null;
    ON_CLOSE: "onClose" = Const::Null;
    ON_MESSAGE: "onMessage" = Const::Null;
}

const STATE_CONNECT: i64 = 0;
const STATE_READY: i64 = 1;
const STATE_WAIT_RESULT: i64 = 2;
const STATE_SUBSCRIBE: i64 = 3;
const STATE_CLOSED: i64 = 4;

/// Registers the class.
pub(super) fn register() {
    ClassDef::new::<Redis>(&REDIS)
        .alias("swoole_redis")
        .properties(PROPERTIES)
        .constant("STATE_CONNECT", Const::Long(STATE_CONNECT))
        .constant("STATE_READY", Const::Long(STATE_READY))
        .constant("STATE_WAIT_RESULT", Const::Long(STATE_WAIT_RESULT))
        .constant("STATE_SUBSCRIBE", Const::Long(STATE_SUBSCRIBE))
        .constant("STATE_CLOSED", Const::Long(STATE_CLOSED))
        .method(
            Method::new("__construct", construct)
                .arg(Arg::new("setting", "?array").default("null")),
        )
        .method(on_method::<Redis>())
        .method(
            Method::new("connect", connect)
                .arg(Arg::new("host", "string"))
                .arg(Arg::new("port", "int"))
                .arg(Arg::new("callback", "callable"))
                .returns("bool"),
        )
        .method(
            Method::new("close", close)
                .arg(Arg::new("force", "bool").default("false"))
                .returns("bool"),
        )
        .method(Method::new("getState", state).returns("int"))
        .method(
            Method::new("__call", command)
                .arg(Arg::new("command", "string"))
                .arg(Arg::new("args", "array"))
                .returns("mixed"),
        )
        .register();
}

/// The state of a `Swoole\Redis`.
#[derive(Default)]
pub(super) struct Redis {
    link: Link<RedisSession>,
    config: RefCell<RedisConfig>,
    /// The callback of `connect()`.
    connect: OneShot,
    /// The callbacks of the commands without a reply, by the session's serial, in its order.
    commands: RefCell<VecDeque<(u64, Callback)>>,
    /// `close()` was called on the present connection.
    closing: Cell<bool>,
    /// There was a connection.
    used: Cell<bool>,
}

impl State for Redis {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn create() -> Self {
        Redis::default()
    }

    fn trace(&self, tracer: &mut Tracer) {
        self.link.callbacks.trace(tracer);
        self.connect.trace(tracer);
        if let Ok(commands) = self.commands.try_borrow() {
            for (_, callback) in commands.iter() {
                tracer.callback(callback);
            }
        }
    }
}

impl Client for Redis {
    type Session = RedisSession;

    fn link(&self) -> &Link<RedisSession> {
        &self.link
    }

    fn is_last(event: &RedisEvent) -> bool {
        matches!(event, RedisEvent::ConnectFailed(_) | RedisEvent::Closed(_))
    }

    fn job(&self, me: &ObjRef, event: RedisEvent) -> Option<Next> {
        match event {
            RedisEvent::Ready => {
                me.set_slot(SOCK, self.link.descriptor());
                Some(Next::call_with(self.connect.take()?, me, true))
            }
            RedisEvent::Refused { message } => {
                me.set_slot(ERR_CODE, 0);
                me.set_slot(ERR_MSG, ZStr::from_bytes(&message));
                Some(Next::call_with(self.connect.take()?, me, false))
            }
            RedisEvent::ConnectFailed(end) => {
                set_error(me, ERR_CODE, ERR_MSG, end);
                Some(Next::call_with(self.connect.take()?, me, false))
            }
            RedisEvent::Reply { serial, reply } => {
                let result = if let Reply::Error(message) = &reply {
                    me.set_slot(ERR_CODE, -1);
                    me.set_slot(ERR_MSG, ZStr::from_bytes(message));
                    false.into()
                } else {
                    value(reply)
                };
                Some(Next::call_with(self.take_command(serial)?, me, result))
            }
            RedisEvent::Failed { serial, why } => {
                set_error(me, ERR_CODE, ERR_MSG, why);
                Some(Next::call_with(self.take_command(serial)?, me, false))
            }
            RedisEvent::Message(_) if self.closing.get() => None,
            RedisEvent::Message(reply) => {
                let callback = self.link.callbacks.get("message")?;
                Some(Next::call_with(callback, me, value(reply)))
            }
            RedisEvent::Closed(end) => {
                if !matches!(end, End::Local | End::Peer) {
                    set_error(me, ERR_CODE, ERR_MSG, end);
                }
                Some(Next::call(self.link.callbacks.get("close")?, me))
            }
        }
    }

    fn waits(&self) -> bool {
        self.connect.is_set() || !self.commands.borrow().is_empty()
    }

    fn take_waiting(&self) -> Vec<Callback> {
        let commands = self.commands.take();
        self.connect.take().into_iter().chain(commands.into_iter().map(|(_, c)| c)).collect()
    }
}

impl Events for Redis {
    const EVENTS: &'static [(&'static str, Slot)] = &[("close", ON_CLOSE), ("message", ON_MESSAGE)];

    fn may_register(&self, _name: &[u8]) -> Result<bool, Thrown> {
        if self.link.is_started() {
            warn("Event callbacks must be registered before connect()")?;
            return Ok(false);
        }
        Ok(true)
    }
}

impl Redis {
    fn take_command(&self, serial: u64) -> Option<Callback> {
        let mut commands = self.commands.borrow_mut();
        let at = commands.iter().position(|(waiting, _)| *waiting == serial)?;
        commands.remove(at).map(|(_, callback)| callback)
    }

    fn mode(&self) -> Mode {
        if self.link.callbacks.has("message") { Mode::Subscribe } else { Mode::Commands }
    }
}

fn construct(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let redis = call.this::<Redis>()?;
    if let Some(given) = call.opt_array(0)? {
        let me = call.this_object()?;
        settings::set(&me, SETTING, &given, &redis.config, RedisConfig::resolve)?;
    }
    Ok(())
}

fn connect(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(3, 3)?;
    let redis = call.this::<Redis>()?;
    let (host, given_port, callback) = (call.string(0)?, call.long(1)?, call.callable(2)?);
    call.ret_bool(false);
    if host.is_empty() {
        return warn("The host is empty");
    }
    let Some(port) = port(given_port, host.starts_with(b"unix:")) else {
        return warn("The port must be between 1 and 65535");
    };
    if redis.link.is_started() {
        return warn("The client is already connected");
    }
    let address = match Address::parse(&host, port) {
        Ok(address) => address,
        Err(bad) => return warn(&format!("Unable to connect: {bad}")),
    };
    let engine = engine()?;
    let config = redis.config.borrow().clone();
    let mut target = Target::new(address, config.timeout);
    if config.ssl {
        target.tls = Some(outfit::tls_client(&config.tls, tls_host(&host))?);
    }
    let session = RedisSession::new(config, redis.mode());
    let me = call.this_object()?;
    me.set_slot(HOST, host.clone());
    me.set_slot(PORT, i64::from(port));
    redis.closing.set(false);
    redis.used.set(true);
    redis.connect.set(callback);
    redis.link.start(&engine, me, as_client::<Redis>, session, target, (host, port));
    call.ret_bool(true);
    Ok(())
}

fn close(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let force = call.bool_or(0, false)?;
    client_class::close(call, |redis: &Redis, forgotten| {
        // A connection that is not ready ends without a callback.
        forgotten.extend(redis.connect.take());
        let Some(engine) = current() else { return false };
        if !redis.link.is_started() && !redis.link.is_ending() {
            return false;
        }
        redis.closing.set(true);
        let now = engine.reactor.now();
        if force {
            redis.link.close(&engine, RedisSession::abort);
            return true;
        }
        redis.link.with_session(&engine, |session| session.quit(now));
        // What waits, in the session or for its callback, is waited for.
        if redis.commands.borrow().is_empty() {
            redis.link.close(&engine, |_| ());
        }
        true
    })
}

fn state(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let redis = call.this::<Redis>()?;
    let state = redis.link.with_connection(|connection| {
        let session = connection.session();
        match session.mode() {
            _ if session.waiting() > 0 => STATE_WAIT_RESULT,
            _ if !session.is_ready() => STATE_CONNECT,
            Mode::Subscribe => STATE_SUBSCRIBE,
            Mode::Commands => STATE_READY,
        }
    });
    call.ret_long(match state {
        Some(state) => state,
        None if redis.used.get() => STATE_CLOSED,
        None => STATE_CONNECT,
    });
    Ok(())
}

fn command(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let redis = call.this::<Redis>()?;
    let (name, given) = (call.string(0)?, call.array(1)?);
    call.ret_bool(false);
    let mut args: Vec<Value> = given.values().collect();
    let callback = match redis.mode() {
        Mode::Subscribe => None,
        Mode::Commands => {
            let callback = args.pop().map(|last| Callback::from_value(&last));
            match callback {
                Some(Ok(callback)) => Some(callback),
                Some(Err(_)) if error::pending() => return Err(Thrown),
                Some(Err(reason)) => {
                    return warn(&format!(
                        "The last argument of a command must be its callback: {reason}"
                    ));
                }
                None => return warn("The last argument of a command must be its callback"),
            }
        }
    };
    let texts = args.iter().map(Value::to_zstr).collect::<Result<Vec<_>, _>>()?;
    let args: Vec<&[u8]> = texts.iter().map(|text| &**text).collect();
    let engine = engine()?;
    // The conversions above may have run PHP code: only now the connection is looked at.
    let now = engine.reactor.refresh_now();
    let sent = redis.link.with_session(&engine, |session| match callback.is_some() {
        true => session.command(&name, &args, now),
        false => session.subscribe(&name, &args).map(|()| 0),
    });
    let refused = match (sent, callback) {
        (Some(Ok(serial)), callback) => {
            if let Some(callback) = callback {
                redis.commands.borrow_mut().push_back((serial, callback));
            }
            call.ret_bool(true);
            return Ok(());
        }
        (Some(Err(refused)), _) => refused,
        (None, _) => CommandError::NotConnected,
    };
    let hint = match (refused, redis.mode()) {
        (CommandError::Mode, Mode::Commands) => {
            ": subscribing needs on('message') before connect()"
        }
        (CommandError::Mode, Mode::Subscribe) => ": only subscriptions can be changed",
        _ => "",
    };
    if let Some(code) = refused.err_code() {
        let me = call.this_object()?;
        me.set_slot(ERR_CODE, code);
        me.set_slot(ERR_MSG, refused.to_string().as_str());
    }
    let name = String::from_utf8_lossy(&name);
    warn(&format!("Unable to send the command {name}: {refused}{hint}"))
}

/// A reply as PHP sees it. An error inside an array is `false`; the depth is the decoder's cap.
fn value(reply: Reply) -> Value {
    match reply {
        Reply::Status(text) if text.is_empty() => true.into(),
        Reply::Status(text)
        | Reply::Bulk(text)
        | Reply::BigNumber(text)
        | Reply::Verbatim { text, .. } => ZStr::from_bytes(&text).into(),
        Reply::Error(_) => false.into(),
        Reply::Integer(number) => number.into(),
        Reply::Null => Value::null(),
        Reply::Double(number) => number.into(),
        Reply::Bool(truth) => truth.into(),
        Reply::Array(list) | Reply::Set(list) | Reply::Push(list) => {
            list.into_iter().map(value).collect::<Array>().into()
        }
        Reply::Map(pairs) => {
            let mut array = Array::new(pairs.len());
            for (key, element) in pairs {
                insert(&mut array, key, value(element));
            }
            array.into()
        }
    }
}

/// Sets an element of a map, whose keys may be of any type in RESP3.
fn insert(array: &mut Array, key: Reply, element: Value) {
    match key {
        Reply::Integer(key) => array.insert_index(key, element),
        Reply::Status(key)
        | Reply::Bulk(key)
        | Reply::BigNumber(key)
        | Reply::Error(key)
        | Reply::Verbatim { text: key, .. } => array.insert(&key, element),
        Reply::Double(key) => array.insert(key.to_string().as_bytes(), element),
        Reply::Bool(key) => array.insert_index(key.into(), element),
        Reply::Null => array.insert(b"", element),
        // What cannot be a key in PHP: the pair itself.
        key @ (Reply::Array(_) | Reply::Map(_) | Reply::Set(_) | Reply::Push(_)) => {
            array.push([value(key), element].into_iter().collect::<Array>().into());
        }
    }
}
