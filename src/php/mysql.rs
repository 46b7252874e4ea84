//! `Swoole\MySQL`: one query at a time, each with a one-shot callback.

use std::cell::Cell;

use crate::{
    client::{
        End, Target,
        mysql::{Answer, MysqlEvent, MysqlSession, QueryError, Rows, Stage},
    },
    net::Address,
    options::MysqlConfig,
    proto::mysql::{Charset, Number, Refusal, RowFields, escape},
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
    client_class::{self, Events, end_text, on_method, properties},
    engine::{current, engine},
    link::{Client, Link, Next, as_client},
    outfit::{self, tls_host},
    settings::{self, warn},
};

/// `Swoole\MySQL`.
pub(super) static MYSQL: Class = Class::new("Swoole\\MySQL");
/// `Swoole\MySQL\Exception`.
static EXCEPTION: Class = Class::new("Swoole\\MySQL\\Exception");
static HANDLERS: Handlers = Handlers::new();

properties! {
    SERVER_INFO: "serverInfo" = Const::Null;
    SOCK: "sock" = Const::Null;
    CONNECTED: "connected" = Const::Bool(false);
    ERRNO: "errno" = Const::Long(0);
    ERROR: "error" = Const::Str("");
    CONNECT_ERRNO: "connect_errno" = Const::Long(0);
    CONNECT_ERROR: "connect_error" = Const::Str("");
    INSERT_ID: "insert_id" = Const::Null;
    AFFECTED_ROWS: "affected_rows" = Const::Null;
    ON_CONNECT: "onConnect" = Const::Null;
    ON_CLOSE: "onClose" = Const::Null;
}

const STATE_QUERY: i64 = 0;
const STATE_READ_START: i64 = 1;
const STATE_READ_FIELD: i64 = 2;
const STATE_READ_ROW: i64 = 3;
const STATE_READ_END: i64 = 5;
const STATE_CLOSED: i64 = 6;

/// Codes of `Swoole\MySQL\Exception`.
const CANNOT_CONNECT: i64 = 2;
const BAD_CONFIG: i64 = 11;
const TRANSACTION_OPEN: i64 = 21;
const NO_TRANSACTION: i64 = 22;

/// Numbers of the client's own errors, as every MySQL client has them.
const CR_SERVER_GONE: i64 = 2006;
const CR_SERVER_LOST: i64 = 2013;
const CR_NET_PACKET_TOO_LARGE: i64 = 2020;
const CR_MALFORMED_PACKET: i64 = 2027;

/// Registers the classes.
pub(super) fn register() {
    ClassDef::plain(&EXCEPTION).extends_exception().alias("swoole_mysql_exception").register();
    ClassDef::new::<Mysql>(&MYSQL)
        .alias("swoole_mysql")
        .properties(PROPERTIES)
        .constant("STATE_QUERY", Const::Long(STATE_QUERY))
        .constant("STATE_READ_START", Const::Long(STATE_READ_START))
        .constant("STATE_READ_FIELD", Const::Long(STATE_READ_FIELD))
        .constant("STATE_READ_ROW", Const::Long(STATE_READ_ROW))
        .constant("STATE_READ_END", Const::Long(STATE_READ_END))
        .constant("STATE_CLOSED", Const::Long(STATE_CLOSED))
        .method(Method::new("__construct", construct))
        .method(on_method::<Mysql>())
        .method(
            Method::new("connect", connect)
                .arg(Arg::new("config", "array"))
                .arg(Arg::new("callback", "callable"))
                .returns("bool"),
        )
        .method(
            Method::new("query", query)
                .arg(Arg::new("sql", "string"))
                .arg(Arg::new("callback", "callable"))
                .returns("bool"),
        )
        .method(Method::new("begin", begin).arg(Arg::new("callback", "callable")).returns("bool"))
        .method(Method::new("commit", commit).arg(Arg::new("callback", "callable")).returns("bool"))
        .method(
            Method::new("rollback", rollback).arg(Arg::new("callback", "callable")).returns("bool"),
        )
        .method(
            Method::new("escape", escape_string)
                .arg(Arg::new("string", "string"))
                .arg(Arg::new("flags", "int").default("0"))
                .returns("string|false"),
        )
        .method(Method::new("close", close).returns("bool"))
        .method(Method::new("getState", state).returns("int"))
        .register();
}

/// The state of a `Swoole\MySQL`.
#[derive(Default)]
pub(super) struct Mysql {
    link: Link<MysqlSession>,
    /// The callback of `connect()`.
    connect: OneShot,
    /// The callback of the query that waits.
    query: OneShot,
    /// Of the present connection: numbers become `int` and `float`.
    strict: Cell<bool>,
    /// There was a connection.
    used: Cell<bool>,
}

impl State for Mysql {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn create() -> Self {
        Mysql::default()
    }

    fn trace(&self, tracer: &mut Tracer) {
        self.link.callbacks.trace(tracer);
        self.connect.trace(tracer);
        self.query.trace(tracer);
    }
}

impl Client for Mysql {
    type Session = MysqlSession;

    fn link(&self) -> &Link<MysqlSession> {
        &self.link
    }

    fn is_last(event: &MysqlEvent) -> bool {
        matches!(event, MysqlEvent::Closed(_))
    }

    fn job(&self, me: &ObjRef, event: MysqlEvent) -> Option<Next> {
        match event {
            MysqlEvent::Ready => {
                me.set_slot(SOCK, self.link.descriptor());
                me.set_slot(CONNECTED, true);
                Some(Next::call_with(self.connect.take()?, me, true))
            }
            MysqlEvent::Refused(Refusal { code, message }) => {
                me.set_slot(CONNECT_ERRNO, i64::from(code));
                me.set_slot(CONNECT_ERROR, ZStr::from_bytes(&message));
                Some(Next::call_with(self.connect.take()?, me, false))
            }
            MysqlEvent::ConnectFailed(end) => {
                me.set_slot(CONNECT_ERRNO, end.err_code());
                me.set_slot(CONNECT_ERROR, end_text(end).as_str());
                Some(Next::call_with(self.connect.take()?, me, false))
            }
            MysqlEvent::Answer(answer) => {
                let result: Value = match answer {
                    Answer::Done(done) => {
                        me.set_slot(AFFECTED_ROWS, count(done.affected_rows));
                        me.set_slot(INSERT_ID, count(done.insert_id));
                        true.into()
                    }
                    Answer::Refused(Refusal { code, message }) => {
                        me.set_slot(ERRNO, i64::from(code));
                        me.set_slot(ERROR, ZStr::from_bytes(&message));
                        false.into()
                    }
                    Answer::Rows(rows) => table(&rows, self.strict.get()).into(),
                };
                Some(Next::call_with(self.query.take()?, me, result))
            }
            MysqlEvent::Failed(end) => {
                me.set_slot(CONNECTED, false);
                set_error(me, end);
                Some(Next::call_with(self.query.take()?, me, false))
            }
            MysqlEvent::TooLong => {
                me.set_slot(CONNECTED, false);
                me.set_slot(ERRNO, CR_NET_PACKET_TOO_LARGE);
                me.set_slot(ERROR, "The result is longer than package_max_length");
                Some(Next::call_with(self.query.take()?, me, false))
            }
            MysqlEvent::Closed(end) => {
                // Nothing else tells why a connection went that nobody was using.
                if me.slot(CONNECTED).is_true() && !matches!(end, End::Local | End::Peer) {
                    set_error(me, end);
                }
                me.set_slot(CONNECTED, false);
                Some(Next::call(self.link.callbacks.get("close")?, me))
            }
        }
    }

    fn waits(&self) -> bool {
        self.connect.is_set() || self.query.is_set()
    }

    fn take_waiting(&self) -> Vec<Callback> {
        self.connect.take().into_iter().chain(self.query.take()).collect()
    }
}

impl Events for Mysql {
    const EVENTS: &'static [(&'static str, Slot)] = &[("close", ON_CLOSE)];
}

fn construct(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)
}

fn connect(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let mysql = call.this::<Mysql>()?;
    let (given, callback) = (call.array(0)?, call.callable(1)?);
    call.ret_bool(false);
    if mysql.link.is_started() {
        return warn("The client is already connected");
    }
    for (key, name) in MysqlConfig::REQUIRED {
        if given.get(key.as_bytes()).is_none_or(|value| value.is_null()) {
            let text = format!("{name} parameter is required.");
            return Err(error::throw(&EXCEPTION, &text, BAD_CONFIG));
        }
    }
    let config = settings::resolve(&given, MysqlConfig::resolve)?;
    let named = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let charset = match &config.charset {
        None => None,
        Some(name) => match Charset::named(name) {
            Some(charset) => Some(charset),
            None => {
                let text = format!("unknown charset [{}].", named(name));
                return Err(error::throw(&EXCEPTION, &text, BAD_CONFIG));
            }
        },
    };
    let Ok(address) = Address::parse(&config.host, config.port) else {
        let text =
            format!("connect to mysql server[{}:{}] failed.", named(&config.host), config.port);
        return Err(error::throw(&EXCEPTION, &text, CANNOT_CONNECT));
    };
    let tls = match config.ssl {
        true => Some(outfit::tls_client(&config.tls, tls_host(&config.host))?),
        false => None,
    };
    let engine = engine()?;
    // A warning above may have run PHP code.
    if mysql.link.is_started() {
        return warn("The client is already connected");
    }
    let me = call.this_object()?;
    me.set_slot(SERVER_INFO, given);
    me.set_slot(CONNECT_ERRNO, 0_i64);
    me.set_slot(CONNECT_ERROR, ZStr::empty());
    mysql.strict.set(config.strict_type);
    mysql.used.set(true);
    mysql.connect.set(callback);
    let private = matches!(address, Address::Unix(_));
    let peer = (ZStr::from_bytes(&config.host), config.port);
    let mut target = Target::new(address, config.timeout);
    target.tls = tls;
    target.tls_later = true;
    let session = MysqlSession::new(config, charset, private);
    mysql.link.start(&engine, me, as_client::<Mysql>, session, target, peer);
    call.ret_bool(true);
    Ok(())
}

fn query(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let (sql, callback) = (call.string(0)?, call.callable(1)?);
    if sql.is_empty() {
        call.ret_bool(false);
        return warn("The query is empty");
    }
    send(call, &sql, callback)
}

fn begin(call: &Call<'_>) -> Result<(), Thrown> {
    transaction(call, b"START TRANSACTION", false)
}

fn commit(call: &Call<'_>) -> Result<(), Thrown> {
    transaction(call, b"COMMIT", true)
}

fn rollback(call: &Call<'_>) -> Result<(), Thrown> {
    transaction(call, b"ROLLBACK", true)
}

/// `inside`: whether a transaction must be open, or must not.
fn transaction(call: &Call<'_>, sql: &[u8], inside: bool) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let callback = call.callable(0)?;
    let mysql = call.this::<Mysql>()?;
    let open = mysql.link.with_connection(|connection| {
        let session = connection.session();
        (session.stage() == Stage::Ready).then(|| session.in_transaction())
    });
    // Any other state is the query's to refuse.
    match (open.flatten(), inside) {
        (Some(true), false) => {
            let text = "There is already an active transaction.";
            Err(error::throw(&EXCEPTION, text, TRANSACTION_OPEN))
        }
        (Some(false), true) => {
            let text = "There is no active transaction.";
            Err(error::throw(&EXCEPTION, text, NO_TRANSACTION))
        }
        (_, _) => send(call, sql, callback),
    }
}

fn send(call: &Call<'_>, sql: &[u8], callback: Callback) -> Result<(), Thrown> {
    let mysql = call.this::<Mysql>()?;
    let engine = engine()?;
    call.ret_bool(false);
    let now = engine.reactor.refresh_now();
    match mysql.link.with_session(&engine, |session| session.query(sql, now)) {
        Some(Ok(())) => {
            mysql.query.set(callback);
            call.ret_bool(true);
            Ok(())
        }
        Some(Err(QueryError::Busy)) => warn(
            "The client is waiting for the answer to another query: one query at a time and \
             connection",
        ),
        Some(Err(QueryError::TooLong)) => warn("The query is longer than socket_buffer_size"),
        Some(Err(QueryError::NotConnected)) | None => {
            let me = call.this_object()?;
            if mysql.used.get() {
                me.set_slot(ERRNO, CR_SERVER_GONE);
                me.set_slot(ERROR, "MySQL server has gone away");
            }
            warn("The client is not connected")
        }
    }
}

fn escape_string(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 2)?;
    let mysql = call.this::<Mysql>()?;
    let text = call.str(0)?;
    let _flags = call.long_or(1, 0)?;
    call.ret_bool(false);
    let rules = mysql.link.with_connection(|connection| {
        let session = connection.session();
        if session.stage() == Stage::Login {
            return None;
        }
        Some((session.charset()?, session.has_backslash_escapes()))
    });
    let Some((charset, backslashes)) = rules.flatten() else {
        return warn("The client is not connected");
    };
    match escape(text, charset, backslashes) {
        Ok(escaped) => {
            call.ret_str(&escaped);
            Ok(())
        }
        Err(refused) => warn(&format!("Unable to escape: {refused}")),
    }
}

fn close(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    client_class::close(call, |mysql: &Mysql, forgotten| {
        // A connection that is not ready ends without a callback.
        forgotten.extend(mysql.connect.take());
        current().is_some_and(|engine| mysql.link.close(&engine, MysqlSession::quit))
    })
}

fn state(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let mysql = call.this::<Mysql>()?;
    let stage = mysql.link.with_connection(|connection| connection.session().stage());
    call.ret_long(match stage {
        Some(Stage::Login | Stage::Ready) => STATE_QUERY,
        Some(Stage::First) => STATE_READ_START,
        Some(Stage::Columns) => STATE_READ_FIELD,
        Some(Stage::Rows) => STATE_READ_ROW,
        Some(Stage::Ended) => STATE_CLOSED,
        None if mysql.used.get() => STATE_CLOSED,
        None => STATE_QUERY,
    });
    Ok(())
}

/// A result as PHP sees it: a list of rows, each with its values by the names of the columns.
fn table(result: &Rows, strict: bool) -> Array {
    let names: Vec<Name> = result.columns.iter().map(|column| Name::new(&column.name)).collect();
    let numbers = result.columns.iter().map(|column| column.number.filter(|_| strict));
    let numbers: Vec<Option<Number>> = numbers.collect();
    let mut rows = Array::new(result.rows.len());
    for packet in &result.rows {
        let mut row = Array::new(names.len());
        for ((value, name), number) in RowFields::new(packet).zip(&names).zip(&numbers) {
            let value = value.map_or_else(Value::null, |text| cell(text, *number));
            match name {
                Name::Text(name) => row.insert_zstr(name, value),
                Name::Index(index) => row.insert_index(*index, value),
            }
        }
        rows.push(row.into());
    }
    rows
}

/// The key of a column; what looks like an `int` is one in PHP.
enum Name {
    Text(ZStr),
    Index(i64),
}

impl Name {
    fn new(name: &[u8]) -> Name {
        let number = std::str::from_utf8(name).ok().and_then(|name| name.parse::<i64>().ok());
        match number.filter(|number| number.to_string().as_bytes() == name) {
            Some(index) => Name::Index(index),
            None => Name::Text(ZStr::from_bytes(name)),
        }
    }
}

/// A value; a number that PHP cannot hold stays a string.
fn cell(text: &[u8], number: Option<Number>) -> Value {
    let parsed = number.zip(std::str::from_utf8(text).ok()).and_then(|(number, text)| {
        Some(match number {
            Number::Integer => text.parse::<i64>().ok()?.into(),
            Number::Float => text.parse::<f64>().ok()?.into(),
        })
    });
    parsed.unwrap_or_else(|| Value::str(text))
}

/// Beyond `i64` it is the nearest that PHP has.
fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Why a connection that stood has ended, in the numbers that every MySQL client has.
fn set_error(me: &ObjRef, end: End) {
    let (errno, text) = match end {
        End::Peer | End::Reset(_) => {
            (CR_SERVER_LOST, "Lost connection to MySQL server during query".into())
        }
        End::Protocol => (CR_MALFORMED_PACKET, "Malformed packet".into()),
        End::Local
        | End::Connect(_)
        | End::Dns
        | End::Deadline
        | End::Truncated
        | End::Tls(_)
        | End::Proxy(_)
        | End::Refused(_) => (end.err_code().into(), end_text(end)),
    };
    me.set_slot(ERRNO, errno);
    me.set_slot(ERROR, text.as_str());
}
