//! Sockets that a service manager has opened for this process (sd_listen_fds(3)).

use std::{
    env,
    os::fd::{FromRawFd, OwnedFd, RawFd},
    sync::atomic::{AtomicBool, Ordering},
};

use super::{descriptor, process};

/// Takes the descriptors that `LISTEN_FDS` announces, if `LISTEN_PID` is this process. They are
/// close-on-exec from now on; a second call gives none.
#[must_use]
pub fn take_sockets() -> Vec<OwnedFd> {
    let number = |name| env::var(name).ok().and_then(|text| text.parse::<i32>().ok());
    let (Some(pid), Some(count)) = (number("LISTEN_PID"), number("LISTEN_FDS")) else {
        return Vec::new();
    };
    if pid != process::id() || !(1..=MOST).contains(&count) || TAKEN.swap(true, Ordering::Relaxed) {
        return Vec::new();
    }
    (FIRST..FIRST + count).filter_map(take).collect()
}

fn take(fd: RawFd) -> Option<OwnedFd> {
    // SAFETY: reads the descriptor's flags; one that is not open is an error.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFD) };
    if flags < 0 {
        return None;
    }
    // SAFETY: it is open, was handed to this process by its number, and is taken once.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    descriptor::set_close_on_exec(&fd, true).ok()?;
    Some(fd)
}

/// The first descriptor behind the standard ones.
const FIRST: RawFd = 3;
/// More than any unit has; the count comes from the environment.
const MOST: i32 = 1024;
static TAKEN: AtomicBool = AtomicBool::new(false);
