//! Sockets as objects of PHP's extension `sockets`: `getSocket()` of clients and servers.

use std::os::fd::OwnedFd;

use crate::zend::{Call, Callback, Thrown, Value, fence, socket};

use super::settings::warn;

/// Returns the socket from the method, or `false` with a warning: PHP could not make the object.
pub(super) fn give(call: &Call<'_>, fd: OwnedFd) -> Result<(), Thrown> {
    call.ret_bool(false);
    // Only ext-sockets can make its objects.
    let import: Value = "socket_import_stream".into();
    if Callback::from_value(&import).is_err() {
        return warn("Socket objects need the PHP extension sockets, which is not loaded");
    }
    let Some(stream) = socket::stream(fd) else {
        return warn("Unable to give the socket: PHP makes no stream of it");
    };
    call.ret_value(fence::call_function("socket_import_stream", &[stream]).into_result()?);
    Ok(())
}
