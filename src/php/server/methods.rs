//! Methods of a running server.

use std::rc::Rc;

use crate::{
    server::{Message, PacketSender, ReloadScope, SessionError, SessionId},
    sys::{
        process,
        signal::{SIGTERM, SIGUSR1, SIGUSR2},
    },
    zend::{Arg, Array, Call, ClassDef, Method, Thrown, Value, error},
};

use super::{
    super::{engine, event, functions, settings::warn, timer},
    connections,
    forward::{Command, or_forward},
    packet,
    state::{ServerState, Shared},
    worker::{WorkerPart, with_hooks},
};

/// Adds them to the class.
pub(super) fn add(class: ClassDef) -> ClassDef {
    let fd = || Arg::new("fd", "int");
    class
        .method(Method::new("shutdown", shutdown).returns("bool"))
        .method(
            Method::new("reload", reload)
                .arg(Arg::new("only_reload_taskworker", "bool").default("false"))
                .returns("bool"),
        )
        .method(
            Method::new("stop", stop)
                .arg(Arg::new("worker_id", "int").default("-1"))
                .arg(Arg::new("wait_reactor", "bool").default("false"))
                .returns("bool"),
        )
        .method(
            Method::new("send", send)
                .arg(Arg::new("fd", "int|string"))
                .arg(Arg::new("data", "string"))
                .arg(Arg::new("server_socket", "int").default("-1"))
                .returns("bool"),
        )
        .method(
            Method::new("sendto", packet::sendto)
                .arg(Arg::new("ip", "string"))
                .arg(Arg::new("port", "int"))
                .arg(Arg::new("data", "string"))
                .arg(Arg::new("server_socket", "int").default("-1"))
                .returns("bool"),
        )
        .method(
            Method::new("close", close)
                .arg(fd())
                .arg(Arg::new("reset", "bool").default("false"))
                .returns("bool"),
        )
        .method(Method::new("exist", exist).arg(fd()).returns("bool"))
        .method(Method::new("exists", exist).arg(fd()).returns("bool"))
        .method(list_method("getClientList"))
        .method(list_method("connection_list"))
        .method(client_info("getClientInfo"))
        .method(client_info("connection_info"))
        .method(Method::new("stats", stats).returns("array|false"))
        .method(Method::new("getLastError", last_error).returns("int"))
        .method(timer::tick_method("tick"))
        .method(timer::after_method("after"))
        .method(timer::clear_method("clearTimer"))
        .method(event::defer_method("defer"))
}

fn client_info(name: &'static str) -> Method {
    Method::new(name, info)
        .arg(Arg::new("fd", "int"))
        .arg(Arg::new("reactor_id", "int").default("-1"))
        .arg(Arg::new("ignore_close", "bool").default("false"))
        .returns("array|false")
}

fn list_method(name: &'static str) -> Method {
    Method::new(name, client_list)
        .arg(Arg::new("start_fd", "int").default("0"))
        .arg(Arg::new("count", "int").default("10"))
        .returns("array|false")
}

/// Sessions that one call lists.
const MOST_LISTED: usize = 100;
/// SWOOLE_ERROR_SERVER_SEND_IN_MASTER.
const SEND_IN_MASTER: i32 = 9009;
const NOT_RUNNING: &str = "The server is not running";

pub(super) fn running(call: &Call<'_>) -> Result<Option<Shared>, Thrown> {
    let shared = call.this::<ServerState>()?.shared.borrow().clone();
    call.ret_bool(false);
    if shared.is_none() {
        warn(NOT_RUNNING)?;
    }
    Ok(shared)
}

pub(super) fn worker(call: &Call<'_>) -> Result<Option<Rc<WorkerPart>>, Thrown> {
    let part = call.this::<ServerState>()?.worker_part();
    call.ret_bool(false);
    if part.is_none() {
        functions::set_last_error(SEND_IN_MASTER);
        warn("Connections can be used in a running worker only")?;
    }
    Ok(part)
}

pub(super) fn session(number: i64) -> Option<SessionId> {
    SessionId::try_from(number).ok()
}

pub(super) fn refuse(call: &Call<'_>, why: SessionError) {
    functions::set_last_error(why.code());
    call.ret_bool(false);
}

fn shutdown(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let Some(shared) = running(call)? else { return Ok(()) };
    let master = call.this::<ServerState>()?.master.borrow().clone();
    match master {
        Some(master) if shared.master_pid == process::id() => {
            master.shutdown();
            call.ret_bool(true);
        }
        _ => call.ret_bool(process::kill(shared.master_pid, SIGTERM).is_ok()),
    }
    Ok(())
}

fn reload(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let only_tasks = call.bool_or(0, false)?;
    let Some(shared) = running(call)? else { return Ok(()) };
    if only_tasks && shared.crew.task_workers == 0 {
        return warn("There are no task workers: set task_worker_num");
    }
    let (scope, signal) = match only_tasks {
        true => (ReloadScope::Tasks, SIGUSR2),
        false => (ReloadScope::All, SIGUSR1),
    };
    let master = call.this::<ServerState>()?.master.borrow().clone();
    match master {
        Some(master) => {
            master.reload(scope);
            call.ret_bool(true);
        }
        None => call.ret_bool(process::kill(shared.master_pid, signal).is_ok()),
    }
    Ok(())
}

fn stop(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 2)?;
    let (id, wait) = (call.long_or(0, -1)?, call.bool_or(1, false)?);
    let Some(shared) = running(call)? else { return Ok(()) };
    let server = call.this::<ServerState>()?;
    let known = i64::try_from(shared.crew.all_workers()).unwrap_or(i64::MAX);
    let Ok(worker_id) = u32::try_from(if id < 0 { 0 } else { id }) else { return Ok(()) };
    if id >= known {
        return Ok(());
    }
    if let Some(part) = server.worker_part() {
        let own = i64::try_from(part.worker_id).unwrap_or(-1);
        if id < 0 || id == own {
            if let Some(engine) = engine::current() {
                part.stop(&engine, wait);
            }
        } else {
            part.tell(Message::Stop { worker_id });
        }
        call.ret_bool(true);
        return Ok(());
    }
    if let Some(master) = server.master.borrow().clone()
        && id >= 0
    {
        master.stop_worker(worker_id as usize);
        call.ret_bool(true);
    }
    Ok(())
}

fn send(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 3)?;
    let server = call.this::<ServerState>()?;
    let (to, data, socket) = (call.value(0), call.str(1)?, call.long_or(2, -1)?);
    if let Some(path) = to.as_str().filter(|path| path.starts_with(b"/") || path.starts_with(b"\0"))
    {
        let Some(_) = worker(call)? else { return Ok(()) };
        return packet::send(call, server, &PacketSender::Unix(path.to_vec()), data, socket);
    }
    let fd = call.long(0)?;
    let Some(part) = worker(call)? else { return Ok(()) };
    if let Some((port, sender)) = packet::named(server, fd, socket) {
        let descriptor = port.descriptor.into();
        return packet::send(call, server, &PacketSender::Ip(sender), data, descriptor);
    }
    if data.is_empty() {
        return warn("The data is empty");
    }
    let limit = server.config.borrow().buffer_output_size;
    if data.len() > limit {
        functions::set_last_error(1202);
        return warn(&format!(
            "The data of {} bytes is larger than buffer_output_size ({limit}): send it in pieces",
            data.len()
        ));
    }
    let sent = match session(fd) {
        None => Err(SessionError::NotExist),
        Some(session) => {
            let here = part.connections.send(session, data);
            or_forward(call, &part, session, here, Command::Send(data))?
        }
    };
    match sent {
        Ok(()) => call.ret_bool(true),
        Err(why) => refuse(call, why),
    }
    Ok(())
}

fn close(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 2)?;
    let (fd, reset) = (call.long(0)?, call.bool_or(1, false)?);
    let Some(part) = worker(call)? else { return Ok(()) };
    let closed = match session(fd) {
        None => Err(SessionError::NotExist),
        Some(session) => {
            let here = with_hooks(&part, |hooks| part.connections.close(session, reset, hooks));
            let here = here.unwrap_or(Err(SessionError::NotExist));
            or_forward(call, &part, session, here, Command::Close { reset })?
        }
    };
    match closed {
        Ok(()) => call.ret_bool(true),
        Err(why) => refuse(call, why),
    }
    if error::pending() { Err(Thrown) } else { Ok(()) }
}

fn exist(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let fd = call.long(0)?;
    let Some(shared) = running(call)? else { return Ok(()) };
    call.ret_bool(session(fd).is_some_and(|session| shared.sessions.exists(session)));
    Ok(())
}

fn info(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 3)?;
    let (fd, reactor) = (call.long(0)?, call.long_or(1, -1)?);
    let ignore_close = call.bool_or(2, false)?;
    let Some(shared) = running(call)? else { return Ok(()) };
    if let Some((port, sender)) = packet::named(call.this::<ServerState>()?, fd, reactor) {
        call.ret_value(packet::info(&port, sender));
        return Ok(());
    }
    if let Some(array) = session(fd).and_then(|id| connections::info(&shared, id, ignore_close)) {
        call.ret_value(array);
    }
    Ok(())
}

fn client_list(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 2)?;
    let (start, count) = (call.long_or(0, 0)?, call.long_or(1, 10)?);
    let Some(shared) = running(call)? else { return Ok(()) };
    let Ok(count @ ..=MOST_LISTED) = usize::try_from(count) else {
        return warn(&format!("The count must be between 0 and {MOST_LISTED}"));
    };
    if let Some(list) = connections::list(&shared, start, count) {
        call.ret_value(list);
    }
    Ok(())
}

fn stats(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let Some(shared) = running(call)? else { return Ok(()) };
    let totals = shared.stats.totals();
    let int = |number: u64| Value::long(i64::try_from(number).unwrap_or(i64::MAX));
    let mut array = Array::new(8);
    array.insert(b"start_time", int(totals.start_time));
    array.insert(b"connection_num", int(totals.connection_num));
    array.insert(b"accept_count", int(totals.accept_count));
    array.insert(b"close_count", int(totals.close_count));
    array.insert(b"tasking_num", int(shared.tasks.tasking()));
    array.insert(b"request_count", int(totals.request_count));
    array.insert(b"buffer_size", int(totals.buffered));
    if let Some(part) = call.this::<ServerState>()?.worker_part() {
        let served = part.connections.served() + part.post.ran.get();
        array.insert(b"worker_request_count", int(served));
    }
    call.ret_value(array);
    Ok(())
}

fn last_error(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.ret_long(functions::last_error().into());
    Ok(())
}
