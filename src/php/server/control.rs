//! Methods on a connection beside `send()` and `close()`.

use std::os::unix::ffi::OsStringExt;

use crate::{
    reactor::monotonic,
    server::{Flags, Role, SessionError, SessionId},
    zend::{Arg, Array, Call, ClassDef, Method, Thrown, Value, error},
};

use super::{
    super::{files::open_part, functions, settings::warn},
    forward::{Command, or_forward},
    methods::{refuse, running, session, worker},
    state::ServerState,
    worker::with_hooks,
};

/// Adds them to the class.
pub(super) fn add(class: ClassDef) -> ClassDef {
    let fd = || Arg::new("fd", "int");
    class
        .method(
            Method::new("sendfile", send_file)
                .arg(fd())
                .arg(Arg::new("filename", "string"))
                .arg(Arg::new("offset", "int").default("0"))
                .arg(Arg::new("length", "int").default("0"))
                .returns("bool"),
        )
        .method(
            Method::new("sendwait", send_wait)
                .arg(fd())
                .arg(Arg::new("data", "string"))
                .returns("bool"),
        )
        .method(Method::new("pause", pause).arg(fd()).returns("bool"))
        .method(Method::new("resume", resume).arg(fd()).returns("bool"))
        .method(Method::new("confirm", confirm).arg(fd()).returns("bool"))
        .method(
            Method::new("protect", protect)
                .arg(fd())
                .arg(Arg::new("is_protected", "bool").default("true"))
                .returns("bool"),
        )
        .method(Method::new("bind", bind).arg(fd()).arg(Arg::new("uid", "int")).returns("bool"))
        .method(
            Method::new("heartbeat", heartbeat)
                .arg(Arg::new("close", "bool").default("false"))
                .returns("array|false"),
        )
}

fn tell(call: &Call<'_>, done: Result<(), SessionError>) {
    match done {
        Ok(()) => call.ret_bool(true),
        Err(why) => refuse(call, why),
    }
}

fn known(fd: i64) -> Result<SessionId, SessionError> {
    session(fd).ok_or(SessionError::NotExist)
}

fn send_file(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 4)?;
    let (fd, name) = (call.long(0)?, call.str(1)?);
    let (offset, length) = (call.long_or(2, 0)?, call.long_or(3, 0)?);
    let Some(part) = worker(call)? else { return Ok(()) };
    let Some(name) = std::str::from_utf8(name).ok().filter(|name| !name.is_empty()) else {
        return warn("The file name is empty or not UTF-8");
    };
    let (file, offset, length) = match open_part(name, offset, length) {
        Ok(part) => part,
        Err(why) => return warn(&format!("Unable to send the file '{name}': {why}")),
    };
    let Ok(fd) = known(fd) else {
        refuse(call, SessionError::NotExist);
        return Ok(());
    };
    let here = part.connections.send_file(fd, file, offset, length);
    let path = std::fs::canonicalize(name).unwrap_or_default().into_os_string().into_vec();
    let command = Command::File { path: &path, offset, length };
    tell(call, or_forward(call, &part, fd, here, command)?);
    Ok(())
}

fn send_wait(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let (fd, data) = (call.long(0)?, call.str(1)?);
    let Some(part) = worker(call)? else { return Ok(()) };
    if call.this::<ServerState>()?.process_mode.get() {
        return warn("sendwait() needs SWOOLE_BASE: the I/O threads have the sockets");
    }
    if part.post.place.role != Role::Worker {
        return warn("sendwait() needs the event worker that has the connection");
    }
    if data.is_empty() {
        return warn("The data is empty");
    }
    let sent = known(fd).and_then(|fd| {
        with_hooks(&part, |hooks| part.connections.send_wait(fd, data, hooks))
            .unwrap_or(Err(SessionError::NotExist))
    });
    tell(call, sent);
    if error::pending() { Err(Thrown) } else { Ok(()) }
}

fn pause(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let fd = call.long(0)?;
    let Some(part) = worker(call)? else { return Ok(()) };
    let here = known(fd).and_then(|fd| part.connections.pause(fd));
    tell(call, or_forward(call, &part, session(fd).unwrap_or(0), here, Command::Pause)?);
    Ok(())
}

fn resume(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let fd = call.long(0)?;
    let Some(part) = worker(call)? else { return Ok(()) };
    let here = known(fd).and_then(|fd| part.connections.resume(fd));
    tell(call, or_forward(call, &part, session(fd).unwrap_or(0), here, Command::Resume)?);
    Ok(())
}

fn confirm(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let fd = call.long(0)?;
    let Some(part) = worker(call)? else { return Ok(()) };
    if !call.this::<ServerState>()?.config.borrow().watch.delay_receive {
        return warn("confirm() needs the option enable_delay_receive");
    }
    let here = known(fd).and_then(|fd| part.connections.confirm(fd));
    if let Ok(confirmed) = here {
        call.ret_bool(confirmed);
        return Ok(());
    }
    let (fd, here) = (session(fd).unwrap_or(0), here.map(|_| ()));
    tell(call, or_forward(call, &part, fd, here, Command::Confirm)?);
    Ok(())
}

fn protect(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 2)?;
    let (fd, on) = (call.long(0)?, call.bool_or(1, true)?);
    let Some(shared) = running(call)? else { return Ok(()) };
    let marked = known(fd).and_then(|fd| {
        shared.sessions.mark(fd, Flags::PROTECTED, on).ok_or(SessionError::NotExist)
    });
    tell(call, marked.map(|_| ()));
    Ok(())
}

fn bind(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let (fd, uid) = (call.long(0)?, call.long(1)?);
    let Some(shared) = running(call)? else { return Ok(()) };
    let Ok(uid @ 1..) = u32::try_from(uid) else {
        return warn("The uid must be between 1 and 4294967295");
    };
    match known(fd).map(|fd| shared.sessions.bind(fd, uid)) {
        Ok(Some(true)) => call.ret_bool(true),
        Ok(Some(false)) => return warn(&format!("Connection #{fd} is bound to a uid already")),
        Ok(None) | Err(_) => refuse(call, SessionError::NotExist),
    }
    Ok(())
}

fn heartbeat(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let close = call.bool_or(0, false)?;
    let Some(shared) = running(call)? else { return Ok(()) };
    let server = call.this::<ServerState>()?;
    let idle = server.config.borrow().watch.idle_time();
    let then = idle.and_then(|idle| monotonic().checked_sub(idle));
    let Some(then) = then else { return Ok(()) };
    let silent = shared.sessions.silent_since(then);
    let mut list = Array::new(silent.len());
    for session in &silent {
        list.push(Value::long((*session).into()));
    }
    if close {
        let Some(part) = worker(call)? else { return Ok(()) };
        for session in silent {
            let here = with_hooks(&part, |hooks| part.connections.close(session, false, hooks));
            let here = here.unwrap_or(Err(SessionError::NotExist));
            let _ = or_forward(call, &part, session, here, Command::Close { reset: false })?;
        }
    }
    call.ret_value(list);
    functions::set_last_error(0);
    if error::pending() { Err(Thrown) } else { Ok(()) }
}
