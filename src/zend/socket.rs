//! Sockets as PHP's own extension `sockets` has them.
use super::{
    ffi::*,
    value::{Kind, Value},
};
use std::{
    ffi::{c_int, c_void},
    os::fd::{IntoRawFd, OwnedFd},
    ptr,
};

/// A PHP stream on the socket `fd`, which it closes at its end. `None`: PHP could not make one.
pub fn stream(fd: OwnedFd) -> Option<Value> {
    let fd: c_int = fd.into_raw_fd();
    // SAFETY: the stream takes over the descriptor. A debug build reads where the call stands; the
    // others leave what comes after the two arguments alone, as the C calling convention lets them.
    let opened = unsafe {
        let here = c"tether".as_ptr();
        _php_stream_sock_open_from_socket(fd, ptr::null(), 0, here, 0, here, 0)
    };
    let stream = ptr::NonNull::new(opened.cast::<php_stream>())?;
    // SAFETY: a live stream; what PHP's own macro `php_stream_to_zval` does, which hands over the
    // one reference.
    let value = unsafe {
        (*stream.as_ptr()).set___exposed(1);
        Value::from_owned(Raw {
            val: Payload { resource: (*stream.as_ptr()).res },
            info: T_RESOURCE | REFCOUNTED,
            extra: 0,
        })
    };
    (value.kind() == Kind::Resource).then_some(value)
}

unsafe extern "C" {
    fn _php_stream_sock_open_from_socket(
        socket: c_int,
        persistent_id: *const std::ffi::c_char,
        depth: c_int,
        file: *const std::ffi::c_char,
        line: u32,
        original_file: *const std::ffi::c_char,
        original_line: u32,
    ) -> *mut c_void;
}
