//! Signals as events of the loop, and the alarm.

use std::{io, time::Duration};

use crate::{
    sys::{
        child::{self, Interval},
        errno, signal,
    },
    zend::{Arg, Call, Callback, Kind, Method, Thrown, error},
};

use super::{
    super::{
        engine::{current, engine},
        settings::warn,
    },
    control::signal_number,
    failure,
};

/// `SIG_IGN`, as PHP's constant has it.
const IGNORE: i64 = 1;

pub(super) fn methods() -> [Method; 2] {
    [
        Method::new("signal", signal)
            .arg(Arg::new("signal", "int"))
            .arg(Arg::new("callback", "callable|int|null"))
            .make_static()
            .returns("bool"),
        Method::new("alarm", alarm)
            .arg(Arg::new("interval", "int"))
            .arg(Arg::new("type", "int").default("0"))
            .make_static()
            .returns("bool"),
    ]
}

fn signal(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let (number, given) = (call.long(0)?, call.value(1));
    call.ret_bool(false);
    let Some(signo) = signal_number(number).filter(|signo| *signo > 0) else {
        return Err(error::throw_argument_value_error(0, "must be the number of a signal"));
    };
    if given.is_null() {
        let Some(true) = current().map(|engine| engine.signals.remove(signo)) else {
            return warn(&format!("The signal {signo} has no callback"));
        };
        call.ret_bool(true);
        return if error::pending() { Err(Thrown) } else { Ok(()) };
    }
    let set = if given.kind() == Kind::Long && given.to_long() == IGNORE {
        ignore(signo)
    } else {
        handle(signo, call.callable(1)?)?
    };
    match set {
        Ok(()) => call.ret_bool(true),
        Err(needed) if needed.kind() == io::ErrorKind::AlreadyExists => {
            return warn(&format!("The server needs the signal {signo} itself"));
        }
        Err(failed) => return failure(&format!("The signal {signo} cannot be handled"), &failed),
    }
    if error::pending() { Err(Thrown) } else { Ok(()) }
}

fn handle(signo: i32, callback: Callback) -> Result<io::Result<()>, Thrown> {
    let engine = engine()?;
    Ok(engine.signals.set(&engine, signo, callback))
}

/// In a server's process too, unless it needs the signal itself.
fn ignore(signo: i32) -> io::Result<()> {
    if let Some(engine) = current() {
        if let Some(part) = engine.part() {
            part.take_signal(signo).or_else(|error| {
                let ours = engine.signals.is_lent(signo);
                if ours { Ok(()) } else { Err(error) }
            })?;
        }
        engine.signals.remove(signo);
    }
    signal::ignore(signo)
}

fn alarm(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 2)?;
    let (every, kind) = (call.long(0)?, call.long_or(1, 0)?);
    call.ret_bool(false);
    let interval = match kind {
        0 => Interval::Real,
        1 => Interval::Virtual,
        2 => Interval::Profiling,
        _ => return Err(error::throw_argument_value_error(1, "must be 0, 1 or 2")),
    };
    if every == 0 {
        return warn("The interval must not be 0: a negative one clears the alarm");
    }
    let every = u64::try_from(every).ok().map(Duration::from_micros);
    match child::set_interval(interval, every) {
        Ok(()) => {
            call.ret_bool(true);
            Ok(())
        }
        Err(failed) if errno::of(&failed) == errno::EINVAL => {
            Err(error::throw_argument_value_error(0, "is out of range"))
        }
        Err(failed) => failure("The alarm cannot be set", &failed),
    }
}
