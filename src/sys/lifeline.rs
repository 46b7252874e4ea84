//! Dying with a process that is not one's parent.

use std::{
    cell::RefCell,
    fs::OpenOptions,
    io::{self, pipe},
    os::{
        fd::{AsRawFd, IntoRawFd, OwnedFd},
        unix::fs::OpenOptionsExt,
    },
    time::Duration,
};

use super::{
    descriptor::{Events, poll_one},
    errno::check,
    process,
    signal::SIGKILL,
};

/// A pipe that is never written to: its writing end is in one process, and the kernel kills those
/// that are tied when that process is gone, however many there are between it and them.
#[derive(Debug)]
pub struct Lifeline {
    far: OwnedFd,
    near: RefCell<Option<OwnedFd>>,
}

impl Lifeline {
    /// This process is the one that others may be tied to; its children are too until they
    /// [let go](Self::let_go).
    ///
    /// # Errors
    /// When the system gives no more descriptors.
    pub fn new() -> io::Result<Lifeline> {
        let (far, near) = pipe()?;
        Ok(Lifeline { far: far.into(), near: RefCell::new(Some(near.into())) })
    }

    /// In a child: it is not the one that others are tied to.
    pub fn let_go(&self) {
        self.near.take();
    }

    /// In a child that has let go, once: from now on the end of the one ends this process too. Unlike
    /// [`process::die_with_parent`] it holds when the user changes. Off Linux it only looks.
    ///
    /// # Errors
    /// `EPIPE` when the one is gone already; the system's, where there is no `/proc`.
    pub fn tie(&self) -> io::Result<()> {
        // Who is told is a matter of the open file, which forked processes share: this makes one.
        let path = format!("/proc/self/fd/{}", self.far.as_raw_fd());
        let knot = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
        #[cfg(target_os = "linux")]
        for (command, number) in [
            (libc::F_SETOWN, process::id()),
            (F_SETSIG, SIGKILL),
            (libc::F_SETFL, libc::O_NONBLOCK | libc::O_ASYNC),
        ] {
            // SAFETY: these commands take a number and touch no memory of ours.
            check(unsafe { libc::fcntl(knot.as_raw_fd(), command, number) })?;
        }
        // It is for as long as this process lives.
        let _ = knot.into_raw_fd();
        // Only an old reader is told of an end that came before.
        let ended = poll_one(&self.far, Events::READ, Some(Duration::ZERO))?;
        if ended.read { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }
}

/// From <fcntl.h>; libc does not name it.
#[cfg(target_os = "linux")]
const F_SETSIG: libc::c_int = 10;
