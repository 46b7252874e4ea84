//! The message queue of the system that processes may share.

use std::{io, path::Path};

use crate::{
    sys::{
        errno,
        message_queue::{self, MESSAGE_MAX, MessageQueue},
    },
    zend::{Arg, Array, Call, Method, Thrown, error},
};

use super::{
    super::{functions::set_last_error, settings::warn},
    ProcessState, QUEUE_ID, QUEUE_KEY, constructed, failure,
};

pub(super) const IPC_NOWAIT: i64 = 256;
/// Messages are addressed to one process.
const ADDRESSED: i64 = 1;
/// Whoever comes first takes a message.
const COMPETING: i64 = 2;

/// A queue as one process uses it.
#[derive(Clone, Copy)]
pub(super) struct Queue {
    queue: MessageQueue,
    is_addressed: bool,
    blocks: bool,
}

pub(super) fn methods() -> [Method; 5] {
    [
        Method::new("useQueue", use_queue)
            .arg(Arg::new("key", "int").default("0"))
            .arg(Arg::new("mode", "int").default("2"))
            .arg(Arg::new("capacity", "int").default("-1"))
            .returns("bool"),
        Method::new("push", push).arg(Arg::new("data", "string")).returns("bool"),
        Method::new("pop", pop)
            .arg(Arg::new("size", "int").default("65536"))
            .returns("string|false"),
        Method::new("statQueue", stat_queue).returns("array|false"),
        Method::new("freeQueue", free_queue).returns("bool"),
    ]
}

fn use_queue(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 3)?;
    let state = constructed(call)?;
    let (key, mode) = (call.long_or(0, 0)?, call.long_or(1, COMPETING)?);
    let capacity = call.long_or(2, -1)?;
    call.ret_bool(false);
    let Ok(mut key) = i32::try_from(key) else {
        return Err(error::throw_argument_value_error(0, "must be a number of 32 bits"));
    };
    if !matches!(mode & !IPC_NOWAIT, ADDRESSED | COMPETING) {
        return Err(error::throw_argument_value_error(
            1,
            "must be 1 (addressed) or 2 (competing), with Swoole\\Process::IPC_NOWAIT if wanted",
        ));
    }
    if key == 0 {
        let (script, _) = error::calling_site();
        let script = script.map(|name| String::from_utf8_lossy(&name).into_owned());
        match message_queue::key_of(Path::new(script.as_deref().unwrap_or(".")), 1) {
            Ok(found) => key = found,
            Err(failed) => return failure("The script gives no key for a queue", &failed),
        }
    }
    let queue = match MessageQueue::open(key) {
        Ok(queue) => queue,
        Err(failed) => return failure("The queue cannot be opened", &failed),
    };
    if let Ok(bytes) = usize::try_from(capacity)
        && let Err(failed) = queue.set_capacity(bytes)
    {
        return failure("The queue's capacity cannot be set", &failed);
    }
    let is_addressed = mode & !IPC_NOWAIT == ADDRESSED;
    state.queue.set(Some(Queue { queue, is_addressed, blocks: mode & IPC_NOWAIT == 0 }));
    let me = call.this_object()?;
    me.set_slot(QUEUE_ID, queue.id());
    me.set_slot(QUEUE_KEY, key);
    call.ret_bool(true);
    Ok(())
}

fn push(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let (state, data) = (constructed(call)?, call.str(0)?);
    call.ret_bool(false);
    if data.is_empty() || data.len() >= MESSAGE_MAX {
        return warn(&format!("A message has between 1 and {} bytes", MESSAGE_MAX - 1));
    }
    let Some(Queue { queue, blocks, .. }) = used(state)? else { return Ok(()) };
    match again(|| queue.push(kind(state), data, blocks)) {
        Ok(()) => call.ret_bool(true),
        Err(failed) if failed.raw_os_error() == Some(errno::EAGAIN) => {
            set_last_error(errno::EAGAIN);
        }
        Err(failed) => return failure("The message cannot be queued", &failed),
    }
    Ok(())
}

fn pop(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let state = constructed(call)?;
    let size = usize::try_from(call.long_or(0, 0)?).unwrap_or(0);
    let size = if size == 0 { MESSAGE_MAX } else { size.min(MESSAGE_MAX) };
    call.ret_bool(false);
    let Some(Queue { queue, is_addressed, blocks }) = used(state)? else { return Ok(()) };
    let wanted = if is_addressed { kind(state) } else { 0 };
    match again(|| queue.pop(wanted, size, blocks)) {
        Ok(message) => call.ret_str(&message),
        Err(none) if none.raw_os_error() == Some(errno::ENOMSG) => set_last_error(errno::ENOMSG),
        Err(failed) => return failure("No message can be taken", &failed),
    }
    Ok(())
}

fn stat_queue(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.ret_bool(false);
    let Some(Queue { queue, .. }) = used(constructed(call)?)? else { return Ok(()) };
    match queue.stats() {
        Ok(stats) => {
            let mut array = Array::new(2);
            array.insert(b"queue_num", stats.messages.cast_signed());
            array.insert(b"queue_bytes", stats.bytes.cast_signed());
            call.ret_value(array);
            Ok(())
        }
        Err(failed) => failure("The queue cannot be looked at", &failed),
    }
}

fn free_queue(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let state = constructed(call)?;
    call.ret_bool(false);
    let Some(Queue { queue, .. }) = used(state)? else { return Ok(()) };
    match queue.remove() {
        Ok(()) => {
            state.queue.set(None);
            call.ret_bool(true);
            Ok(())
        }
        Err(failed) => failure("The queue cannot be removed", &failed),
    }
}

/// The queue. `Ok(None)` after a warning: `useQueue()` was not called.
fn used(state: &ProcessState) -> Result<Option<Queue>, Thrown> {
    let queue = state.queue.get();
    if queue.is_none() {
        warn("The process uses no queue: call useQueue() first")?;
    }
    Ok(queue)
}

/// Messages of this process's object; kinds are above 0.
fn kind(state: &ProcessState) -> i64 {
    state.id.get() + 1
}

fn again<R>(act: impl Fn() -> io::Result<R>) -> io::Result<R> {
    loop {
        match act() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
