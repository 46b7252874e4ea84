//! `getSocket()`: a listening socket, as PHP's extension `sockets` has them.

use std::{io, os::fd::OwnedFd};

use crate::{
    sys::errno,
    zend::{Arg, Call, ClassDef, Method, Thrown},
};

use super::{
    super::{functions, settings::warn, sockets},
    port,
    state::ServerState,
};

/// Adds the method to the class.
pub(super) fn add(class: ClassDef) -> ClassDef {
    class.method(
        Method::new("getSocket", get_socket)
            .arg(Arg::new("port", "int").default("0"))
            .returns("Socket|false"),
    )
}

fn get_socket(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let number = call.long_or(0, 0)?;
    let server = call.this::<ServerState>()?;
    call.ret_bool(false);
    let index = {
        let ports = server.ports.borrow();
        let mut numbers = ports.iter().map(|port| i64::from(port::facts(port).number));
        if number == 0 { Some(0) } else { numbers.position(|of_port| of_port == number) }
    };
    let Some(index) = index else {
        return warn(&format!("The server listens on no port {number}"));
    };
    match duplicate(server, index) {
        Some(Ok(fd)) => sockets::give(call, fd),
        Some(Err(error)) => {
            functions::set_last_error(errno::of(&error));
            warn(&format!("Unable to duplicate the socket: {error}"))
        }
        None => warn("This process does not have that socket: ask for it before start()"),
    }
}

/// Another descriptor of this process's socket of a port: a worker's own, or that of the first worker.
fn duplicate(server: &ServerState, index: usize) -> Option<io::Result<OwnedFd>> {
    if let Some(part) = server.worker_part()
        && let Some(fd) = part.connections.duplicate_listener(index)
    {
        return Some(fd);
    }
    let listeners = server.listeners.borrow().duplicate(index);
    let senders = server.senders.borrow();
    let sender = || senders.iter().find(|sender| usize::from(sender.port) == index);
    listeners.or_else(|| sender().map(|sender| sender.duplicate()))
}
