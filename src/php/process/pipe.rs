//! The pipe to and from the process.

use std::{io, net::Shutdown, time::Duration};

use crate::{
    net::{PIPE_MAX, Pipe, Wait},
    reactor::monotonic,
    sys::descriptor,
    zend::{Arg, Call, Method, Thrown, Value, error},
};

use super::{
    super::{engine::current, functions::set_last_error, settings::warn},
    PIPE, ProcessState, constructed, failure,
};

pub(super) const MASTER: i64 = 1;
pub(super) const WORKER: i64 = 2;
pub(super) const READ: i64 = 3;
pub(super) const WRITE: i64 = 4;

pub(super) fn methods() -> [Method; 5] {
    [
        Method::new("write", write).arg(Arg::new("data", "string")).returns("int|false"),
        Method::new("read", read)
            .arg(Arg::new("size", "int").default("8192"))
            .returns("string|false"),
        Method::new("close", close).arg(Arg::new("which", "int").default("0")).returns("bool"),
        Method::new("setTimeout", set_timeout).arg(Arg::new("seconds", "float")).returns("bool"),
        Method::new("setBlocking", set_blocking).arg(Arg::new("blocking", "bool")).returns("void"),
    ]
}

/// What `act` does with this process's end of the pipe. `Ok(None)` after a warning: there is none.
fn with_end<R>(state: &ProcessState, act: impl FnOnce(&Pipe) -> R) -> Result<Option<R>, Thrown> {
    let end = if state.is_child() { &state.worker } else { &state.master };
    if let Some(pipe) = &*end.borrow() {
        return Ok(Some(act(pipe)));
    }
    warn("The process has no pipe").map(|()| None)
}

fn write(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let (state, data) = (constructed(call)?, call.str(0)?);
    call.ret_bool(false);
    if data.is_empty() {
        return warn("The data is empty");
    }
    let queues = |pipe: &Pipe| {
        !pipe.is_datagram()
            && current().is_some_and(|engine| engine.is_running())
            && descriptor::is_nonblocking(pipe).unwrap_or(false)
    };
    let Some(facts) = with_end(state, |pipe| {
        (pipe.is_datagram(), queues(pipe), std::os::fd::AsRawFd::as_raw_fd(pipe))
    })?
    else {
        return Ok(());
    };
    let (is_datagram, queues, fd) = facts;
    if is_datagram && data.len() > PIPE_MAX {
        return warn(&format!("A datagram has at most {PIPE_MAX} bytes"));
    }
    let length = i64::try_from(data.len()).unwrap_or(i64::MAX);
    if queues && let Some(engine) = current() {
        if engine.watchers.write(&engine, fd, Value::from(call.this_object()?), data)? {
            call.ret_long(length);
        }
        return Ok(());
    }
    let wait = Wait { timeout: state.timeout.get(), peer: state.peer() };
    match with_end(state, |pipe| pipe.write(data, wait, monotonic))? {
        Some(Ok(gone)) => call.ret_long(i64::try_from(gone).unwrap_or(i64::MAX)),
        Some(Err(failed)) => return failure("Unable to write to the pipe", &failed),
        None => {}
    }
    Ok(())
}

fn read(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let (state, size) = (constructed(call)?, call.long_or(0, 8192)?);
    call.ret_bool(false);
    let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
        return Err(error::throw_argument_value_error(0, "must be greater than 0"));
    };
    let wait = Wait { timeout: state.timeout.get(), peer: state.peer() };
    match with_end(state, |pipe| pipe.read(size.min(PIPE_MAX), wait, monotonic))? {
        Some(Ok(data)) => call.ret_str(&data),
        // Nothing there yet is no failure worth a warning.
        Some(Err(none)) if none.kind() == io::ErrorKind::WouldBlock => {
            set_last_error(crate::sys::errno::EAGAIN);
        }
        Some(Err(failed)) => return failure("Unable to read from the pipe", &failed),
        None => {}
    }
    Ok(())
}

fn close(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let (state, which) = (constructed(call)?, call.long_or(0, 0)?);
    call.ret_bool(false);
    let how = match which {
        READ => Some(Shutdown::Read),
        WRITE => Some(Shutdown::Write),
        0 | MASTER | WORKER => None,
        _ => {
            let expected = "must be 0 or one of the PIPE_* constants";
            return Err(error::throw_argument_value_error(0, expected));
        }
    };
    if let Some(how) = how {
        match with_end(state, |pipe| pipe.shut_down(how))? {
            Some(Ok(())) => call.ret_bool(true),
            Some(Err(failed)) => return failure("Unable to close the pipe", &failed),
            None => {}
        }
        return Ok(());
    }
    let master = (which != WORKER).then(|| state.master.take()).flatten();
    let worker = (which != MASTER).then(|| state.worker.take()).flatten();
    if master.is_none() && worker.is_none() {
        return warn("The process has no pipe");
    }
    drop((master, worker));
    let end = if state.is_child() { &state.worker } else { &state.master };
    if end.borrow().is_none() {
        call.this_object()?.set_slot(PIPE, Value::null());
    }
    call.ret_bool(true);
    Ok(())
}

/// 0 or less: without end.
fn set_timeout(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let state = constructed(call)?;
    let seconds = call.opt_double(0)?.unwrap_or_default();
    call.ret_bool(false);
    if with_end(state, |_| ())?.is_some() {
        let timeout = Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero());
        state.timeout.set(timeout);
        call.ret_bool(true);
    }
    Ok(())
}

fn set_blocking(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let (state, blocking) = (constructed(call)?, call.bool(0)?);
    match with_end(state, |pipe| descriptor::set_nonblocking(pipe, !blocking))? {
        Some(Err(failed)) => failure("Unable to change the pipe", &failed),
        _ => Ok(()),
    }
}
