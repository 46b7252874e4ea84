//! `Swoole\Lock`: locks between processes forked later, which a killed owner does not keep.

use std::{
    cell::RefCell,
    os::fd::OwnedFd,
    rc::Rc,
    time::{Duration, Instant},
};

use crate::{
    reactor::monotonic,
    shm::{Lock, RwLock, Timeout},
    sys::{
        errno,
        file_lock::{self, Access},
        owner,
        shared::Counters,
    },
    zend::{
        Arg, Call, ClassDef, Method, Slot, State, Thrown,
        class::{Class, Handlers},
        define::Const,
        error,
    },
};

use super::{exception::EXCEPTION, settings::warn};

static LOCK: Class = Class::new("Swoole\\Lock");
static HANDLERS: Handlers = Handlers::new();
const ERR_CODE: Slot = Slot(0);

const RWLOCK: i64 = 1;
const FILELOCK: i64 = 2;
const MUTEX: i64 = 3;
const SEM: i64 = 4;
const SPINLOCK: i64 = 5;
/// `SWOOLE_ERROR_INVALID_PARAMS`.
const INVALID_PARAMS: i64 = 505;

/// Registers the class.
pub(super) fn register() {
    ClassDef::new::<Held>(&LOCK)
        .alias("swoole_lock")
        .constant("FILELOCK", Const::Long(FILELOCK))
        .constant("MUTEX", Const::Long(MUTEX))
        .constant("SEM", Const::Long(SEM))
        .constant("RWLOCK", Const::Long(RWLOCK))
        .constant("SPINLOCK", Const::Long(SPINLOCK))
        .property("errCode", Const::Long(0))
        .method(
            Method::new("__construct", construct)
                .arg(Arg::new("type", "int").default("SWOOLE_MUTEX"))
                .arg(Arg::new("filename", "string").default("''")),
        )
        .method(
            Method::new("lockwait", lock_wait)
                .arg(Arg::new("timeout", "float").default("1.0"))
                .returns("bool"),
        )
        .method(Method::new("lock", lock).returns("bool"))
        .method(Method::new("trylock", try_lock).returns("bool"))
        .method(Method::new("lock_read", lock_read).returns("bool"))
        .method(Method::new("trylock_read", try_lock_read).returns("bool"))
        .method(Method::new("unlock", unlock).returns("bool"))
        .method(Method::new("destroy", destroy).returns("void"))
        .register();
}

/// The state of a `Swoole\Lock`.
struct Held(RefCell<Inner>);

#[derive(Clone, Default)]
enum Inner {
    #[default]
    Missing,
    Destroyed,
    /// A mutex; or a semaphore or spin lock, which every process may free.
    One {
        map: Rc<Counters>,
        kind: i64,
    },
    Many(Rc<RwLock>),
    File(Rc<OwnedFd>),
}

impl State for Held {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
    fn create() -> Self {
        Held(RefCell::default())
    }
    fn free(&self) {
        self.0.take().let_go();
    }
}

/// How a lock is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Write,
    Read,
}

impl Inner {
    /// Gives back what this process holds: without the object nobody could.
    fn let_go(self) {
        match self {
            Inner::One { map, .. } => {
                if let Some(lock) = one(&map).filter(|lock| lock.owner() == owner::me()) {
                    lock.unlock();
                }
            }
            Inner::Many(lock) => while lock.unlock() {},
            Inner::File(_) | Inner::Missing | Inner::Destroyed => {}
        }
    }

    /// Takes the lock, waiting until the deadline (`Some(None)`: for ever), or `None`: not at all.
    /// The error is what `errCode` tells.
    fn take(&self, mode: Mode, wait: Option<Option<Instant>>) -> Result<(), i32> {
        let late = |Timeout| errno::ETIMEDOUT;
        match self {
            Inner::One { map, kind } => {
                let lock = one(map).ok_or(errno::EINVAL)?;
                match wait {
                    None => lock.try_hold().then_some(()).ok_or(errno::EBUSY),
                    Some(None) if *kind == MUTEX && lock.owner() == owner::me() => {
                        Err(errno::EDEADLK)
                    }
                    Some(deadline) => lock.hold(deadline, monotonic).map_err(late),
                }
            }
            Inner::Many(lock) => match (mode, wait) {
                (Mode::Write, None) => lock.try_write().then_some(()).ok_or(errno::EBUSY),
                (Mode::Read, None) => lock.try_read().then_some(()).ok_or(errno::EBUSY),
                (_, Some(_)) if lock.is_mine() => Err(errno::EDEADLK),
                (Mode::Write, Some(_)) if lock.is_read_by_me() => Err(errno::EDEADLK),
                (Mode::Write, Some(deadline)) => lock.write(deadline, monotonic).map_err(late),
                (Mode::Read, Some(deadline)) => lock.read(deadline, monotonic).map_err(late),
            },
            Inner::File(file) => {
                let access = if mode == Mode::Write { Access::Write } else { Access::Read };
                file_lock::set(file.as_ref(), access, wait.is_some()).map_err(|e| errno::of(&e))
            }
            Inner::Missing | Inner::Destroyed => Err(errno::EINVAL),
        }
    }

    fn give_back(&self) -> Result<(), i32> {
        match self {
            Inner::One { map, kind } => {
                let lock = one(map).ok_or(errno::EINVAL)?;
                if *kind == MUTEX && lock.owner() != owner::me() {
                    return Err(errno::EPERM);
                }
                lock.unlock();
                Ok(())
            }
            Inner::Many(lock) => lock.unlock().then_some(()).ok_or(errno::EPERM),
            Inner::File(file) => {
                file_lock::set(file.as_ref(), Access::None, false).map_err(|e| errno::of(&e))
            }
            Inner::Missing | Inner::Destroyed => Err(errno::EINVAL),
        }
    }
}

fn one(map: &Counters) -> Option<Lock<'_>> {
    Some(Lock::new(map.first()?, map.get(1)?))
}

fn construct(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 2)?;
    let (kind, file) = (call.long_or(0, MUTEX)?, call.str_or(1, b"")?);
    let this = call.this::<Held>()?;
    if !matches!(*this.0.borrow(), Inner::Missing) {
        return Err(error::throw_error("The lock exists already"));
    }
    let made = match kind {
        RWLOCK => RwLock::new().map(|lock| Inner::Many(Rc::new(lock))),
        FILELOCK if file.is_empty() => {
            return Err(error::throw(&EXCEPTION, "A file lock needs a file", INVALID_PARAMS));
        }
        FILELOCK => file_lock::open(file).map(|file| Inner::File(Rc::new(file))),
        MUTEX | SEM | SPINLOCK => {
            Counters::new(2).map(|map| Inner::One { map: Rc::new(map), kind })
        }
        _ => {
            return Err(error::throw_argument_value_error(
                0,
                "must be one of SWOOLE_MUTEX, SWOOLE_RWLOCK, SWOOLE_SPINLOCK, SWOOLE_SEM, SWOOLE_FILELOCK",
            ));
        }
    };
    let inner = made.map_err(|error| {
        let number = errno::of(&error);
        let text = errno::text(number);
        error::throw(&EXCEPTION, &format!("The lock cannot be made: {text}"), number.into())
    })?;
    this.0.replace(inner);
    Ok(())
}

fn inner(call: &Call<'_>) -> Result<Inner, Thrown> {
    let inner = call.this::<Held>()?.0.borrow().clone();
    match inner {
        Inner::Missing => Err(error::throw_error("The constructor of the lock was not called")),
        Inner::Destroyed => Err(error::throw_error("The lock was destroyed")),
        Inner::One { .. } | Inner::Many(_) | Inner::File(_) => Ok(inner),
    }
}

fn answer(call: &Call<'_>, result: Result<(), i32>) -> Result<(), Thrown> {
    if let Err(number) = result {
        call.this_object()?.set_slot(ERR_CODE, number);
    }
    call.ret_bool(result.is_ok());
    Ok(())
}

fn lock(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    answer(call, inner(call)?.take(Mode::Write, Some(None)))
}

fn try_lock(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    answer(call, inner(call)?.take(Mode::Write, None))
}

fn lock_read(call: &Call<'_>) -> Result<(), Thrown> {
    read(call, Some(None))
}

fn try_lock_read(call: &Call<'_>) -> Result<(), Thrown> {
    read(call, None)
}

fn read(call: &Call<'_>, wait: Option<Option<Instant>>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let inner = inner(call)?;
    call.ret_bool(false);
    if matches!(inner, Inner::One { .. }) {
        call.this_object()?.set_slot(ERR_CODE, errno::EINVAL);
        return warn("Only a SWOOLE_RWLOCK or SWOOLE_FILELOCK has readers");
    }
    answer(call, inner.take(Mode::Read, wait))
}

fn unlock(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    answer(call, inner(call)?.give_back())
}

fn lock_wait(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let timeout = call.opt_double(0)?.unwrap_or(1.0);
    let inner = inner(call)?;
    if !matches!(inner, Inner::One { kind: MUTEX, .. }) {
        return Err(error::throw(&EXCEPTION, "Only a SWOOLE_MUTEX has lockwait", -2));
    }
    // What is no time is no wait; what is beyond the clock is for ever.
    let timeout = if timeout > 0.0 { timeout } else { 0.0 };
    let time = Duration::try_from_secs_f64(timeout).unwrap_or(Duration::MAX);
    answer(call, inner.take(Mode::Write, Some(monotonic().checked_add(time))))
}

fn destroy(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    drop(inner(call)?);
    call.this::<Held>()?.0.replace(Inner::Destroyed).let_go();
    Ok(())
}
