//! `Swoole\Channel`: a queue of values between processes forked later, bounded in bytes.

use std::cell::OnceCell;

use crate::{
    shm::{Channel, Pushed},
    sys::errno,
    zend::{
        Arg, Array, Call, ClassDef, Kind, Method, State, Thrown, Value,
        class::{Class, Handlers},
        error,
        fence::call_function,
    },
};

use super::{exception::EXCEPTION, settings::warn};

static CHANNEL: Class = Class::new("Swoole\\Channel");
static HANDLERS: Handlers = Handlers::new();

/// The smallest, bytes; a smaller wish is raised.
const MIN: usize = 8192;
/// Tags of records: a string as it is, or what `serialize()` made.
const STRING: u8 = 0;
const SERIALIZED: u8 = 1;

/// Registers the class.
pub(super) fn register() {
    ClassDef::new::<Queue>(&CHANNEL)
        .alias("swoole_channel")
        .method(Method::new("__construct", construct).arg(Arg::new("size", "int")))
        .method(Method::new("push", push).arg(Arg::new("data", "mixed")).returns("bool"))
        .method(Method::new("pop", pop).returns("mixed"))
        .method(Method::new("peek", peek).returns("mixed"))
        .method(Method::new("stats", stats).returns("array"))
        .register();
}

/// The state of a `Swoole\Channel`.
struct Queue(OnceCell<Channel>);

impl State for Queue {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
    fn create() -> Self {
        Queue(OnceCell::new())
    }
}

fn construct(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let size = usize::try_from(call.long(0)?).unwrap_or(0).max(MIN);
    let channel = Channel::new(size).map_err(|error| {
        let number = errno::of(&error);
        error::throw(
            &EXCEPTION,
            &format!("No shared memory: {}", errno::text(number)),
            number.into(),
        )
    })?;
    let this = call.this::<Queue>()?;
    this.0.set(channel).map_err(|_| error::throw_error("The channel exists already"))
}

fn channel<'c>(call: &'c Call<'_>) -> Result<&'c Channel, Thrown> {
    match call.this::<Queue>()?.0.get() {
        Some(channel) => Ok(channel),
        None => Err(error::throw_error("The constructor of the channel was not called")),
    }
}

/// What cannot be serialised throws as `serialize()` does.
fn push(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let channel = channel(call)?;
    let value = call.value(0);
    let (tag, record) = if value.kind() == Kind::Str {
        (STRING, value)
    } else {
        (SERIALIZED, call_function("serialize", &[value]).into_result()?)
    };
    let pushed = channel.push(tag, record.as_str().unwrap_or_default());
    call.ret_bool(pushed == Pushed::Done);
    if pushed == Pushed::TooLong { warn("The value is larger than the channel") } else { Ok(()) }
}

fn pop(call: &Call<'_>) -> Result<(), Thrown> {
    front(call, true)
}

fn peek(call: &Call<'_>) -> Result<(), Thrown> {
    front(call, false)
}

fn front(call: &Call<'_>, take: bool) -> Result<(), Thrown> {
    call.args(0, 0)?;
    match channel(call)?.front(take) {
        None => call.ret_bool(false),
        Some((SERIALIZED, record)) => {
            let text = Value::str(&record);
            drop(record);
            call.ret_value(call_function("unserialize", &[text]).into_result()?);
        }
        Some((_, record)) => call.ret_str(&record),
    }
    Ok(())
}

fn stats(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let (count, bytes) = channel(call)?.stats();
    let mut array = Array::new(2);
    array.insert(b"queue_num", count.cast_signed());
    array.insert(b"queue_bytes", bytes.cast_signed());
    call.ret_value(array);
    Ok(())
}
