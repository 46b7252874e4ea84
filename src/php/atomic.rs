//! `Swoole\Atomic` and `Swoole\Atomic\Long`: a number that all processes forked later share.

use std::{
    cell::OnceCell,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use crate::{
    reactor::monotonic,
    sys::{errno, futex, shared::Counters},
    zend::{
        Arg, Call, ClassDef, Method, State, Thrown,
        class::{Class, Handlers},
        error,
    },
};

use super::exception::EXCEPTION;

static ATOMIC: Class = Class::new("Swoole\\Atomic");
static LONG: Class = Class::new("Swoole\\Atomic\\Long");
static HANDLERS: Handlers = Handlers::new();
static LONG_HANDLERS: Handlers = Handlers::new();

/// Registers both classes.
pub(super) fn register() {
    common::<Atomic>(&ATOMIC, "swoole_atomic")
        .method(
            Method::new("wait", wait)
                .arg(Arg::new("timeout", "float").default("1.0"))
                .returns("bool"),
        )
        .method(
            Method::new("wakeup", wakeup)
                .arg(Arg::new("count", "int").default("1"))
                .returns("bool"),
        )
        .register();
    common::<Long>(&LONG, "swoole_atomic_long").register();
}

fn common<T: Number>(class: &'static Class, alias: &'static str) -> ClassDef {
    let by = || Arg::new("add_value", "int").default("1");
    ClassDef::new::<T>(class)
        .alias(alias)
        .method(
            Method::new("__construct", construct::<T>).arg(Arg::new("value", "int").default("0")),
        )
        .method(Method::new("add", add::<T>).arg(by()).returns("int"))
        .method(
            Method::new("sub", sub::<T>)
                .arg(Arg::new("sub_value", "int").default("1"))
                .returns("int"),
        )
        .method(Method::new("get", get::<T>).returns("int"))
        .method(Method::new("set", set::<T>).arg(Arg::new("value", "int")).returns("void"))
        .method(
            Method::new("cmpset", cmpset::<T>)
                .arg(Arg::new("cmp_value", "int"))
                .arg(Arg::new("new_value", "int"))
                .returns("bool"),
        )
}

/// The state of a `Swoole\Atomic`: 32 bits without a sign, the lower half of a word.
struct Atomic(OnceCell<Counters>);

/// The state of a `Swoole\Atomic\Long`: 64 bits with a sign.
struct Long(OnceCell<Counters>);

/// What the two differ in. The upper half of a narrow number's word is left to whatever arithmetic
/// carries into it.
trait Number: State {
    fn map(&self) -> &OnceCell<Counters>;
    /// What the word means.
    fn read(word: u64) -> i64;
}

impl State for Atomic {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
    fn create() -> Self {
        Atomic(OnceCell::new())
    }
}

impl State for Long {
    fn handlers() -> &'static Handlers {
        &LONG_HANDLERS
    }
    fn create() -> Self {
        Long(OnceCell::new())
    }
}

impl Number for Atomic {
    fn map(&self) -> &OnceCell<Counters> {
        &self.0
    }
    #[inline]
    fn read(word: u64) -> i64 {
        i64::from(low(word))
    }
}

impl Number for Long {
    fn map(&self) -> &OnceCell<Counters> {
        &self.0
    }
    #[inline]
    fn read(word: u64) -> i64 {
        word.cast_signed()
    }
}

#[inline]
fn low(word: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "the number is this half")]
    {
        word as u32
    }
}

fn construct<T: Number>(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let value = call.long_or(0, 0)?;
    let map = Counters::new(1).map_err(|error| {
        let number = errno::of(&error);
        error::throw(
            &EXCEPTION,
            &format!("No shared memory: {}", errno::text(number)),
            number.into(),
        )
    })?;
    if let Some(word) = map.first() {
        word.store(value.cast_unsigned(), Ordering::SeqCst);
    }
    call.this::<T>()?.map().set(map).map_err(|_| error::throw_error("The number exists already"))
}

#[inline]
fn word<'c, T: Number>(call: &'c Call<'_>) -> Result<&'c AtomicU64, Thrown> {
    match call.this::<T>()?.map().get().and_then(|map| map.first()) {
        Some(word) => Ok(word),
        None => Err(error::throw_error("The constructor of the number was not called")),
    }
}

fn add<T: Number>(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let by = call.long_or(0, 1)?.cast_unsigned();
    let old = word::<T>(call)?.fetch_add(by, Ordering::SeqCst);
    call.ret_long(T::read(old.wrapping_add(by)));
    Ok(())
}

fn sub<T: Number>(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let by = call.long_or(0, 1)?.cast_unsigned();
    let old = word::<T>(call)?.fetch_sub(by, Ordering::SeqCst);
    call.ret_long(T::read(old.wrapping_sub(by)));
    Ok(())
}

fn get<T: Number>(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.ret_long(T::read(word::<T>(call)?.load(Ordering::SeqCst)));
    Ok(())
}

fn set<T: Number>(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let value = call.long(0)?;
    word::<T>(call)?.store(value.cast_unsigned(), Ordering::SeqCst);
    Ok(())
}

fn cmpset<T: Number>(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let (old, new) = (call.long(0)?.cast_unsigned(), call.long(1)?.cast_unsigned());
    call.ret_bool(exchange::<T>(word::<T>(call)?, old, new));
    Ok(())
}

fn exchange<T: Number>(word: &AtomicU64, old: u64, new: u64) -> bool {
    let swap = |now| (T::read(now) == T::read(old)).then_some(new);
    word.fetch_update(Ordering::SeqCst, Ordering::SeqCst, swap).is_ok()
}

/// A wakeup while nobody waits leaves a 1, which the next `wait` takes.
fn wait(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let timeout = call.opt_double(0)?.unwrap_or(1.0);
    let word = word::<Atomic>(call)?;
    // Zero, less, and what is no time at all, is for ever.
    let deadline = Duration::try_from_secs_f64(timeout)
        .ok()
        .filter(|time| !time.is_zero())
        .and_then(|time| monotonic().checked_add(time));
    let woken = loop {
        if exchange::<Atomic>(word, 1, 0) {
            break true;
        }
        let now = low(word.load(Ordering::SeqCst));
        if now == 1 {
            continue;
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(monotonic()));
        if left.is_some_and(|left| left.is_zero()) {
            break false;
        }
        match futex::wait(word, now, left) {
            futex::Wait::Woken => {
                exchange::<Atomic>(word, 1, 0);
                break true;
            }
            futex::Wait::Changed => {}
            // A signal's handler, PHP's among them, runs after this method only.
            futex::Wait::TimedOut | futex::Wait::Interrupted => break false,
        }
    };
    call.ret_bool(woken);
    Ok(())
}

fn wakeup(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let count = u32::try_from(call.long_or(0, 1)?.max(0)).unwrap_or(u32::MAX);
    let word = word::<Atomic>(call)?;
    word.store(1, Ordering::SeqCst);
    futex::wake(word, count);
    call.ret_bool(true);
    Ok(())
}
