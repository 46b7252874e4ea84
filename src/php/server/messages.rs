//! `sendMessage()`.

use std::io;

use crate::{
    server::mailbox::{Head, kind},
    sys::errno,
    zend::{Arg, Call, ClassDef, Method, Thrown},
};

use super::{
    super::{functions, settings::warn},
    post::Payload,
    state::ServerState,
};

/// Adds it to the class.
pub(super) fn add(class: ClassDef) -> ClassDef {
    class.method(
        Method::new("sendMessage", send_message)
            .arg(Arg::new("message", "mixed"))
            .arg(Arg::new("dst_worker_id", "int"))
            .returns("bool"),
    )
}

fn send_message(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let (message, to) = (call.value(0), call.long(1)?);
    call.ret_bool(false);
    let server = call.this::<ServerState>()?;
    let Some(part) = server.worker_part() else {
        let running = server.shared.borrow().is_some();
        let why = if running {
            "sendMessage() works in the server's workers only"
        } else {
            "The server is not running"
        };
        return warn(why);
    };
    if !server.callbacks.has("pipemessage") {
        return warn("Event callback 'pipeMessage' is missing: the message would reach nobody");
    }
    let count = part.post.place.crew.all_workers();
    let Some(to) = usize::try_from(to).ok().filter(|to| *to < count) else {
        return warn(&format!("There is no worker {to}: there are {count}, counted from 0"));
    };
    if to == part.post.place.slot {
        return warn("A worker cannot send a message to itself");
    }
    let payload = Payload::encode(&message)?;
    let mailbox = &part.post.mailbox;
    let head = Head { kind: kind::MESSAGE, flags: payload.flags(), a: 0, b: 0 };
    let posted = match mailbox.office().serving(to) {
        Some(address) => mailbox.post(address, head, &[payload.bytes()]),
        None => Err(io::ErrorKind::NotFound.into()),
    };
    match posted {
        Ok(()) => {
            part.post.flush_if_it_may_block();
            call.ret_bool(true);
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            functions::set_last_error(errno::EAGAIN);
        }
        Err(error) => {
            functions::set_last_error(errno::of(&error));
            warn(&format!("The message cannot be posted: {error}"))?;
        }
    }
    Ok(())
}
