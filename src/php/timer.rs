//! `Swoole\Timer`, `swoole_timer_*`, and the timers that the loop holds for them.
//!
//! A pending timer is one row of the ledger; its callback and arguments go right after the last run,
//! arguments first (contract O1).

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::{
    ledger::{Kind, Number, RowId},
    reactor::{Arena, Key, Source, TimerKey, Token},
    zend::{
        Arg, Array, Call, Callback, ClassDef, Function, Method, Thrown, Value, class::Class, error,
        module::Registry,
    },
};

use super::{
    engine::{Engine, current, engine, ledger, open_row},
    settings::warn,
};

static TIMER: Class = Class::new("Swoole\\Timer");

/// What a class or a prefix of functions offers: name in the class, name of the function, maker.
type Offer = (&'static str, &'static str, fn(&'static str) -> Method);

const OFFERS: [Offer; 6] = [
    ("tick", "swoole_timer_tick", tick_method),
    ("after", "swoole_timer_after", after_method),
    ("clear", "swoole_timer_clear", clear_method),
    ("exists", "swoole_timer_exists", exists_method),
    ("list", "swoole_timer_list", list_method),
    ("clearAll", "swoole_timer_clear_all", clear_all_method),
];

/// Registers the class and the functions.
pub(super) fn register(registry: &mut Registry) {
    let mut class = ClassDef::plain(&TIMER).alias("swoole_timer");
    for (name, _, method) in OFFERS {
        class = class.method(method(name).make_static());
    }
    class.register();
    let functions: Vec<Function> = OFFERS.iter().map(|(_, name, method)| method(name)).collect();
    registry.functions(&functions);
}

/// A method `name(int $ms, callable $callback, mixed ...$params)` that fires again and again, for
/// `Server::tick` too.
pub(super) fn tick_method(name: &'static str) -> Method {
    scheduling(Method::new(name, tick))
}

/// The same, firing once, for `Server::after` too.
pub(super) fn after_method(name: &'static str) -> Method {
    scheduling(Method::new(name, after))
}

/// A method `name(int $timer_id): bool`, for `Server::clearTimer` too.
pub(super) fn clear_method(name: &'static str) -> Method {
    Method::new(name, clear).arg(Arg::new("timer_id", "int")).returns("bool")
}

fn exists_method(name: &'static str) -> Method {
    Method::new(name, exists).arg(Arg::new("timer_id", "int")).returns("bool")
}

fn list_method(name: &'static str) -> Method {
    Method::new(name, list).returns("array")
}

fn clear_all_method(name: &'static str) -> Method {
    Method::new(name, clear_all).returns("bool")
}

fn scheduling(method: Method) -> Method {
    method
        .arg(Arg::new("ms", "int"))
        .arg(Arg::new("callback", "callable"))
        .arg(Arg::new("params", "mixed").variadic())
        .returns("int|false")
}

/// The timers of this process. Each belongs to the loop's heap as well.
#[derive(Default)]
pub(super) struct Timers {
    timers: RefCell<Arena<Timer>>,
    by_id: RefCell<HashMap<i64, Key>>,
}

struct Timer {
    id: i64,
    row: RowId,
    /// `None` from the last run on, while the callback may still be on the stack.
    work: Option<Work>,
    /// `None`: it fires once.
    every: Option<Duration>,
    due: Instant,
    entry: TimerKey,
    is_running: bool,
}

/// What a timer holds; dropped in this order.
struct Work {
    params: Vec<Value>,
    callback: Callback,
}

thread_local! {
    /// The last id given; ids are never used again in a process.
    static LAST_ID: Cell<i64> = const { Cell::new(0) };
}

impl Timers {
    /// How many wait or run.
    pub(super) fn len(&self) -> usize {
        self.by_id.borrow().len()
    }

    /// All of them, by the numbers of their rows.
    pub(super) fn rows(&self) -> Vec<(Number, Key)> {
        self.timers.borrow().iter().map(|(key, timer)| (timer.row.number(), key)).collect()
    }

    /// Whether a timer that fires once and is younger than that row waits.
    pub(super) fn has_once_since(&self, row: Number) -> bool {
        let timers = self.timers.borrow();
        timers.iter().any(|(_, timer)| timer.every.is_none() && timer.row.number() > row)
    }

    /// A due timer's callback runs.
    pub(super) fn fire(&self, engine: &Engine, key: Key) {
        let Some((row, work)) = self.begin(key) else { return };
        ledger().set_state(row, "running");
        engine.call_slice(row.number(), work.callback, work.params);
        self.finish(engine, key, row);
    }

    /// Forgets a timer; what it holds is released now, or right after its callback if that runs.
    /// `false`: there is none.
    fn clear(&self, engine: &Engine, id: i64) -> bool {
        let Some(key) = self.by_id.borrow_mut().remove(&id) else { return false };
        self.release(engine, key);
        true
    }

    /// [`clear`](Self::clear) by place, for the end of the loop.
    pub(super) fn release(&self, engine: &Engine, key: Key) {
        let mut timers = self.timers.borrow_mut();
        let Some(timer) = timers.get_mut(key) else { return };
        self.by_id.borrow_mut().remove(&timer.id);
        if timer.is_running {
            // The running call holds references of its own, and ends the row.
            let work = timer.work.take();
            drop(timers);
            drop(work);
            return;
        }
        engine.reactor.timers().borrow_mut().cancel(timer.entry);
        let Some(timer) = timers.remove(key) else { return };
        drop(timers);
        drop(timer.work);
        ledger().close(timer.row);
    }

    fn insert(
        &self,
        engine: &Engine,
        delay: Duration,
        every: Option<Duration>,
        work: Work,
    ) -> Option<i64> {
        let due = engine.reactor.refresh_now().checked_add(delay)?;
        let id = LAST_ID.get() + 1;
        LAST_ID.set(id);
        let row = open_row(Kind::Timer, work.callback.value(), "waiting");
        let key = {
            let mut timers = self.timers.borrow_mut();
            let entry = TimerKey::fixed(0);
            let key = timers.insert(Timer {
                id,
                row,
                work: Some(work),
                every,
                due,
                entry,
                is_running: false,
            });
            if let Some(timer) = timers.get_mut(key) {
                timer.entry = schedule(engine, due, key);
            }
            key
        };
        self.by_id.borrow_mut().insert(id, key);
        Some(id)
    }

    /// What the due timer calls now. One that fires once gives away what it holds.
    fn begin(&self, key: Key) -> Option<(RowId, Work)> {
        let mut timers = self.timers.borrow_mut();
        let timer = timers.get_mut(key)?;
        timer.is_running = true;
        let work = match timer.every {
            None => timer.work.take()?,
            Some(_) => {
                let held = timer.work.as_ref()?;
                let mut params = Vec::with_capacity(held.params.len() + 1);
                params.push(Value::long(timer.id));
                params.extend_from_slice(&held.params);
                Work { params, callback: held.callback.clone() }
            }
        };
        Some((timer.row, work))
    }

    /// The callback has returned: the next run, or the end of the row.
    fn finish(&self, engine: &Engine, key: Key, row: RowId) {
        let mut timers = self.timers.borrow_mut();
        if let Some(timer) = timers.get_mut(key)
            && let (Some(every), true) = (timer.every, timer.work.is_some())
        {
            timer.is_running = false;
            timer.due = next_due(timer.due, every, engine.reactor.now());
            timer.entry = schedule(engine, timer.due, key);
            ledger().set_state(row, "waiting");
            return;
        }
        let over = timers.remove(key);
        drop(timers);
        if let Some(over) = over {
            let mut by_id = self.by_id.borrow_mut();
            if by_id.get(&over.id) == Some(&key) {
                by_id.remove(&over.id);
            }
        }
        ledger().close(row);
    }

    fn exists(&self, id: i64) -> bool {
        let key = self.by_id.borrow().get(&id).copied();
        let timers = self.timers.borrow();
        key.and_then(|key| timers.get(key)).is_some_and(|timer| timer.work.is_some())
    }

    fn ids(&self) -> Vec<i64> {
        let mut ids: Vec<_> = self.by_id.borrow().keys().copied().collect();
        ids.sort_unstable();
        ids
    }
}

/// The next point of the schedule that lies after `now`: what was missed is not made up for.
fn next_due(due: Instant, every: Duration, now: Instant) -> Instant {
    let next = due + every;
    if next > now {
        return next;
    }
    let late = (now - next).as_nanos() % every.as_nanos();
    now + (every - Duration::from_nanos(u64::try_from(late).unwrap_or(0)))
}

fn schedule(engine: &Engine, due: Instant, key: Key) -> TimerKey {
    engine.reactor.timers().borrow_mut().insert(due, Token::new(Source::Timer, key))
}

fn tick(call: &Call<'_>) -> Result<(), Thrown> {
    start(call, true)
}

fn after(call: &Call<'_>) -> Result<(), Thrown> {
    start(call, false)
}

fn start(call: &Call<'_>, repeat: bool) -> Result<(), Thrown> {
    call.args_from(2)?;
    let (ms, callback) = (call.long(0)?, call.callable(1)?);
    call.ret_bool(false);
    let Some(delay) = u64::try_from(ms).ok().filter(|ms| *ms > 0).map(Duration::from_millis) else {
        return warn("The timer's interval must be greater than 0");
    };
    let engine = engine()?;
    let work = Work { params: call.rest(2), callback };
    match engine.timers.insert(&engine, delay, repeat.then_some(delay), work) {
        Some(id) => call.ret_long(id),
        None => return warn("The timer's interval is too long"),
    }
    Ok(())
}

fn clear(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let id = call.long(0)?;
    call.ret_bool(current().is_some_and(|engine| engine.timers.clear(&engine, id)));
    if error::pending() { Err(Thrown) } else { Ok(()) }
}

fn exists(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let id = call.long(0)?;
    call.ret_bool(current().is_some_and(|engine| engine.timers.exists(id)));
    Ok(())
}

fn list(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let ids = current().map(|engine| engine.timers.ids()).unwrap_or_default();
    call.ret_value(ids.into_iter().collect::<Array>());
    Ok(())
}

fn clear_all(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    if let Some(engine) = current() {
        for id in engine.timers.ids() {
            engine.timers.clear(&engine, id);
        }
    }
    call.ret_bool(true);
    if error::pending() { Err(Thrown) } else { Ok(()) }
}
