//! Flags, kind and readiness of a descriptor.

use std::{
    fs::File,
    io,
    mem::MaybeUninit,
    os::{
        fd::{AsRawFd, OwnedFd, RawFd},
        unix::net::UnixStream,
    },
    time::Duration,
};

use super::errno::check;

/// What stands behind a descriptor, as far as a loop cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A socket of any family.
    Socket,
    /// A pipe or FIFO.
    Pipe,
    /// A terminal or another character device.
    Character,
    /// A regular file, a directory or a block device: always ready, refused by epoll.
    File,
    /// An anonymous object of the kernel (eventfd, timerfd, epoll ...).
    Other,
}

impl Kind {
    /// Whether readiness can be waited for. Some character devices (`/dev/null`) refuse even so.
    #[must_use]
    pub fn can_be_watched(self) -> bool {
        self != Kind::File
    }
}

/// What [`poll_one`] waits for, and what it found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// Something to read, or the end of input.
    pub read: bool,
    /// Room to write.
    pub write: bool,
    /// Found only: an error or a hang-up; the next read or write tells which.
    pub error: bool,
}

impl Events {
    /// Wait for input.
    pub const READ: Events = Events { read: true, write: false, error: false };
    /// Wait for room to write; a connect in progress ends so too.
    pub const WRITE: Events = Events { read: false, write: true, error: false };
}

/// Waits until one of several descriptors is ready, at most `timeout`, and puts in the place of
/// what was asked what was found. Gives how many are ready. `Events::error` asks for urgent data;
/// a descriptor that is closed counts as an error.
///
/// # Errors
/// `EINTR`: a signal came first.
pub fn poll_many(watched: &mut [(RawFd, Events)], timeout: Duration) -> io::Result<usize> {
    let mut list: Vec<libc::pollfd> = watched
        .iter()
        .map(|(fd, wanted)| {
            let read = if wanted.read { libc::POLLIN } else { 0 };
            let write = if wanted.write { libc::POLLOUT } else { 0 };
            let urgent = if wanted.error { libc::POLLPRI } else { 0 };
            libc::pollfd { fd: *fd, events: read | write | urgent, revents: 0 }
        })
        .collect();
    let count = libc::nfds_t::try_from(list.len()).unwrap_or(0);
    // Rounded up, so that a short wait does not turn into none.
    let wait = libc::c_int::try_from(timeout.as_nanos().div_ceil(1_000_000)).unwrap_or(-1);
    // SAFETY: pointer and length belong together; the kernel writes to `revents` alone.
    let ready = check(unsafe { libc::poll(list.as_mut_ptr(), count, wait) })?;
    for ((_, events), found) in watched.iter_mut().zip(&list) {
        let has = |bits| found.revents & bits != 0;
        let gone = has(libc::POLLERR | libc::POLLHUP | libc::POLLNVAL);
        *events = Events {
            read: events.read && (has(libc::POLLIN) || gone),
            write: events.write && (has(libc::POLLOUT) || gone),
            error: events.error && (has(libc::POLLPRI) || has(libc::POLLERR | libc::POLLNVAL)),
        };
    }
    Ok(usize::try_from(ready).unwrap_or_default())
}

/// Sets or clears close-on-exec.
///
/// # Errors
/// `EBADF` for what is no open descriptor.
pub fn set_close_on_exec(fd: &impl AsRawFd, on: bool) -> io::Result<()> {
    set_flag(fd.as_raw_fd(), libc::F_GETFD, libc::F_SETFD, libc::FD_CLOEXEC, on)
}

/// Sets or clears non-blocking mode. It is shared by all descriptors of one open file.
///
/// # Errors
/// `EBADF` for what is no open descriptor.
pub fn set_nonblocking(fd: &impl AsRawFd, on: bool) -> io::Result<()> {
    set_flag(fd.as_raw_fd(), libc::F_GETFL, libc::F_SETFL, libc::O_NONBLOCK, on)
}

/// Whether it is in non-blocking mode.
///
/// # Errors
/// `EBADF` for what is no open descriptor.
pub fn is_nonblocking(fd: &impl AsRawFd) -> io::Result<bool> {
    // SAFETY: reading flags touches no memory; a wrong descriptor yields EBADF.
    Ok(check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) })? & libc::O_NONBLOCK != 0)
}

/// Makes the number `onto` stand for the same open file as `fd`; what it stood for is closed.
/// Whoever owns `onto` must not mind.
///
/// # Errors
/// `EBADF` for what is no open descriptor, or for a number out of range.
pub fn duplicate_onto(fd: &impl AsRawFd, onto: RawFd, close_on_exec: bool) -> io::Result<()> {
    if fd.as_raw_fd() == onto {
        return set_close_on_exec(&onto, close_on_exec);
    }
    // SAFETY: duplicating touches no memory; wrong numbers yield EBADF.
    check(unsafe { libc::dup2(fd.as_raw_fd(), onto) })?;
    set_close_on_exec(&onto, close_on_exec)
}

/// What the descriptor stands for.
///
/// # Errors
/// `EBADF` for what is no open descriptor.
pub fn kind(fd: &impl AsRawFd) -> io::Result<Kind> {
    let mut stat = MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: `stat` is writable memory of the right type; a wrong descriptor yields EBADF.
    check(unsafe { libc::fstat(fd.as_raw_fd(), stat.as_mut_ptr()) })?;
    // SAFETY: `stat` is plain integers, for which all-zero is a value.
    let stat = unsafe { stat.assume_init() };
    Ok(match stat.st_mode & libc::S_IFMT {
        libc::S_IFSOCK => Kind::Socket,
        libc::S_IFIFO => Kind::Pipe,
        libc::S_IFCHR => Kind::Character,
        libc::S_IFREG | libc::S_IFDIR | libc::S_IFBLK => Kind::File,
        _ => Kind::Other,
    })
}

/// Waits until one descriptor is ready, for blocking clients. `None` waits without end; a timeout
/// is rounded up to whole milliseconds. Nothing set in the result: the time is over.
///
/// # Errors
/// `Interrupted` when a signal arrived: the caller, who has the clock, decides about the rest.
pub fn poll_one(
    fd: &impl AsRawFd,
    events: Events,
    timeout: Option<Duration>,
) -> io::Result<Events> {
    let mut wanted = 0;
    if events.read {
        wanted |= libc::POLLIN;
    }
    if events.write {
        wanted |= libc::POLLOUT;
    }
    let mut entry = libc::pollfd { fd: fd.as_raw_fd(), events: wanted, revents: 0 };
    let timeout = timeout.map_or(-1, |time| {
        libc::c_int::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(libc::c_int::MAX)
    });
    // SAFETY: one live entry, and the count says one.
    check(unsafe { libc::poll(&raw mut entry, 1, timeout) })?;
    Ok(Events {
        read: entry.revents & (libc::POLLIN | libc::POLLHUP) != 0 && events.read,
        write: entry.revents & libc::POLLOUT != 0,
        error: entry.revents & (libc::POLLERR | libc::POLLHUP | libc::POLLNVAL) != 0,
    })
}

/// Two connected stream sockets, non-blocking and closed on exec.
///
/// # Errors
/// When the system gives no more descriptors.
pub fn stream_pair() -> io::Result<(UnixStream, UnixStream)> {
    let (near, far) = UnixStream::pair()?;
    near.set_nonblocking(true)?;
    far.set_nonblocking(true)?;
    Ok((near, far))
}

/// Closes descriptors by their numbers: those that a fork has copied from threads which this process
/// does not have, so that nothing here owns them.
pub fn close_inherited(descriptors: &[RawFd]) {
    for fd in descriptors {
        // SAFETY: by the caller's word nothing in this process owns the descriptor.
        let _ = unsafe { libc::close(*fd) };
    }
}

/// In a forked child: lets go of descriptors that are its parent's alone. They become `/dev/null`, so
/// that those who own the copies here may use and close them as before.
///
/// # Errors
/// The system's.
pub fn give_up(all: &[RawFd]) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    // Where there is no `/dev/null`: the end of a pipe that nobody reads.
    let null: OwnedFd = match File::options().read(true).write(true).open("/dev/null") {
        Ok(null) => null.into(),
        Err(_) => io::pipe()?.1.into(),
    };
    all.iter().try_for_each(|fd| duplicate_onto(&null, *fd, true))
}

fn set_flag(
    fd: RawFd,
    read: libc::c_int,
    write: libc::c_int,
    flag: libc::c_int,
    on: bool,
) -> io::Result<()> {
    // SAFETY: reading flags touches no memory; a wrong descriptor yields EBADF.
    let old = check(unsafe { libc::fcntl(fd, read) })?;
    let new = if on { old | flag } else { old & !flag };
    if new != old {
        // SAFETY: setting flags touches no memory; a wrong descriptor yields EBADF.
        check(unsafe { libc::fcntl(fd, write, new) })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_descriptors_are_polled_at_once() {
        use std::io::Write;
        let (a, mut b) = stream_pair().unwrap();
        let (c, _d) = stream_pair().unwrap();
        let mut watched = [(a.as_raw_fd(), Events::READ), (c.as_raw_fd(), Events::READ)];
        assert_eq!(poll_many(&mut watched, Duration::ZERO).unwrap(), 0);
        assert!(!watched[0].1.read && !watched[1].1.read);
        b.write_all(b"x").unwrap();
        let mut watched = [(a.as_raw_fd(), Events::READ), (c.as_raw_fd(), Events::WRITE)];
        assert_eq!(poll_many(&mut watched, Duration::from_secs(5)).unwrap(), 2);
        assert_eq!([watched[0].1, watched[1].1], [Events::READ, Events::WRITE]);
    }
    use std::io::Write;

    #[test]
    fn kinds_are_told_apart() {
        let (near, _far) = stream_pair().unwrap();
        assert_eq!(kind(&near).unwrap(), Kind::Socket);
        let (reader, _writer) = io::pipe().unwrap();
        assert_eq!(kind(&reader).unwrap(), Kind::Pipe);
        let file = File::open("/proc/self/exe").unwrap();
        assert_eq!(kind(&file).unwrap(), Kind::File);
        assert!(!Kind::File.can_be_watched());
        assert_eq!(kind(&-1).unwrap_err().raw_os_error(), Some(libc::EBADF));
    }

    #[test]
    fn one_descriptor_is_waited_for() {
        let (near, mut far) = stream_pair().unwrap();
        let none = poll_one(&near, Events::READ, Some(Duration::from_millis(1))).unwrap();
        assert_eq!(none, Events::default());
        far.write_all(b"x").unwrap();
        assert!(poll_one(&near, Events::READ, None).unwrap().read);
        assert!(poll_one(&near, Events::WRITE, Some(Duration::ZERO)).unwrap().write);
    }

    #[test]
    fn what_is_given_up_is_closed_and_can_be_closed_again() {
        let (near, far) = stream_pair().unwrap();
        give_up(&[]).unwrap();
        give_up(&[near.as_raw_fd()]).unwrap();
        assert_eq!(io::Read::read(&mut &far, &mut [0]).unwrap(), 0);
        assert_eq!(io::Read::read(&mut &near, &mut [0]).unwrap_err().kind(), kind_of_null());
    }

    /// `/dev/null` is no socket.
    fn kind_of_null() -> io::ErrorKind {
        io::Error::from_raw_os_error(libc::ENOTSOCK).kind()
    }

    #[test]
    fn flags_are_set_and_cleared() {
        let (near, _far) = stream_pair().unwrap();
        set_nonblocking(&near, false).unwrap();
        set_nonblocking(&near, true).unwrap();
        set_close_on_exec(&near, false).unwrap();
        set_close_on_exec(&near, true).unwrap();
        let mut byte = [0];
        let read = io::Read::read(&mut &near, &mut byte);
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}
