//! Level-triggered registrations on a poll that is edge-triggered otherwise.
//!
//! A callback of `Event::add` that reads only a part has to be called again; mio offers edges only.
//! So these descriptors go to the poll's own epoll descriptor without `EPOLLET`, with the same
//! 64-bit data, and mio reports them like its own. They belong to PHP code, which may close them at
//! any time: [`identity`] tells whether a number still stands for the same file.

use std::{io, mem::MaybeUninit, os::fd::AsRawFd};

use super::errno::check;

/// Starts to watch `fd` under `token`.
///
/// # Errors
/// `EEXIST` when it is watched, `EPERM` for a regular file, `Unsupported` off Linux.
pub fn add(
    poll: &impl AsRawFd,
    fd: &impl AsRawFd,
    token: u64,
    read: bool,
    write: bool,
) -> io::Result<()> {
    system::control(poll.as_raw_fd(), system::ADD, fd.as_raw_fd(), token, read, write)
}

/// Changes what a watched `fd` is watched for.
///
/// # Errors
/// `ENOENT` when it is not watched, `EBADF` when it was closed, `Unsupported` off Linux.
pub fn modify(
    poll: &impl AsRawFd,
    fd: &impl AsRawFd,
    token: u64,
    read: bool,
    write: bool,
) -> io::Result<()> {
    system::control(poll.as_raw_fd(), system::MODIFY, fd.as_raw_fd(), token, read, write)
}

/// Stops watching `fd`.
///
/// # Errors
/// `ENOENT` when it is not watched, `EBADF` when it was closed, `Unsupported` off Linux.
pub fn delete(poll: &impl AsRawFd, fd: &impl AsRawFd) -> io::Result<()> {
    system::control(poll.as_raw_fd(), system::DELETE, fd.as_raw_fd(), 0, false, false)
}

/// Device and inode.
pub type Identity = (libc::dev_t, libc::ino_t);

/// What tells an open file from another one. Every socket and pipe has its own; eventfds and the like share
/// one.
///
/// # Errors
/// `EBADF` when it was closed.
pub fn identity(fd: &impl AsRawFd) -> io::Result<Identity> {
    let mut stat = MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: `stat` is writable memory of the right type; a wrong descriptor yields EBADF.
    check(unsafe { libc::fstat(fd.as_raw_fd(), stat.as_mut_ptr()) })?;
    // SAFETY: `stat` is plain integers, for which all-zero is a value.
    let stat = unsafe { stat.assume_init() };
    Ok((stat.st_dev, stat.st_ino))
}

/// Writes what the descriptor takes, and says how much that was. SIGPIPE must be ignored.
///
/// # Errors
/// `WouldBlock` when it takes nothing now, and the system's others.
pub fn write(fd: &impl AsRawFd, data: &[u8]) -> io::Result<usize> {
    // SAFETY: pointer and length belong together; the kernel only reads.
    let written = unsafe { libc::write(fd.as_raw_fd(), data.as_ptr().cast(), data.len()) };
    usize::try_from(written).map_err(|_| io::Error::last_os_error())
}

#[cfg(target_os = "linux")]
mod system {
    use std::{io, os::fd::RawFd};

    use super::super::errno::check;

    pub(super) const ADD: libc::c_int = libc::EPOLL_CTL_ADD;
    pub(super) const MODIFY: libc::c_int = libc::EPOLL_CTL_MOD;
    pub(super) const DELETE: libc::c_int = libc::EPOLL_CTL_DEL;

    pub(super) fn control(
        poll: RawFd,
        operation: libc::c_int,
        fd: RawFd,
        token: u64,
        read: bool,
        write: bool,
    ) -> io::Result<()> {
        let mut events = 0;
        if read {
            events |= libc::EPOLLIN | libc::EPOLLRDHUP;
        }
        if write {
            events |= libc::EPOLLOUT;
        }
        let mut event = libc::epoll_event { events: events.cast_unsigned(), u64: token };
        // SAFETY: `event` is live; the kernel copies it. Wrong descriptors yield EBADF.
        check(unsafe { libc::epoll_ctl(poll, operation, fd, &raw mut event) })?;
        Ok(())
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::{io, os::fd::RawFd};

    pub(super) const ADD: i32 = 1;
    pub(super) const MODIFY: i32 = 2;
    pub(super) const DELETE: i32 = 3;

    pub(super) fn control(_: RawFd, _: i32, _: RawFd, _: u64, _: bool, _: bool) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use crate::sys::descriptor::stream_pair;
    use std::{
        io::{Read, Write},
        time::Duration,
    };

    #[test]
    fn what_is_left_unread_is_reported_again_until_it_is_deleted() {
        let mut poll = mio::Poll::new().unwrap();
        let mut events = mio::Events::with_capacity(4);
        let (mut near, mut far) = stream_pair().unwrap();
        let token: usize = 4 << 56 | 7;
        let data = token as u64;
        add(&poll, &near, data, true, false).unwrap();
        assert_eq!(
            add(&poll, &near, data, true, false).unwrap_err().raw_os_error(),
            Some(libc::EEXIST)
        );
        far.write_all(b"1234").unwrap();
        for _ in 0..4 {
            poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
            assert_eq!(events.iter().map(|e| e.token().0).collect::<Vec<_>>(), [token]);
            near.read_exact(&mut [0]).unwrap();
        }
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        assert!(events.is_empty());
        modify(&poll, &near, data, true, true).unwrap();
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        assert!(events.iter().all(mio::event::Event::is_writable));
        assert_eq!(write(&near, b"5").unwrap(), 1);
        assert_eq!(identity(&near).unwrap(), identity(&near.try_clone().unwrap()).unwrap());
        assert_ne!(identity(&near).unwrap(), identity(&far).unwrap());
        delete(&poll, &near).unwrap();
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        assert!(events.is_empty());
    }
}
