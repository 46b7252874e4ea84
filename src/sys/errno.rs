//! The error numbers that the layers above look for, and each as text, in the words of `strerror`.

use std::io;

pub use libc::{
    EACCES, EADDRINUSE, EADDRNOTAVAIL, EAGAIN, EBUSY, ECHILD, ECONNRESET, EDEADLK, EINPROGRESS,
    EINVAL, EIO, EMFILE, EMSGSIZE, ENFILE, ENOBUFS, ENOENT, ENOMEM, ENOMSG, ENOTCONN, EPERM, EPIPE,
    ESRCH, ETIMEDOUT,
};

/// What the system calls this error: `Permission denied` for 13.
#[must_use]
pub fn text(errno: i32) -> String {
    let full = io::Error::from_raw_os_error(errno).to_string();
    match full.rfind(" (os error ") {
        Some(end) => full.get(..end).unwrap_or(&full).to_owned(),
        None => full,
    }
}

/// The number behind an error; `EIO` for one that did not come from the system.
#[must_use]
pub fn of(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(libc::EIO)
}

/// The error of the libc call that has just failed, or its result.
pub(super) fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_carries_no_number() {
        assert_eq!(text(libc::EACCES), "Permission denied");
        assert_eq!(text(libc::EADDRINUSE), "Address already in use");
        assert_eq!(of(&io::Error::from_raw_os_error(libc::EPERM)), libc::EPERM);
        assert_eq!(of(&io::Error::other("x")), libc::EIO);
    }
}
