//! Options of sockets, by name.

use std::{io, os::fd::AsFd, time::Duration};

use socket2::{SockRef, TcpKeepalive};

/// Lets several sockets of one user listen on the same address; the kernel spreads connections.
///
/// # Errors
/// The system's.
pub fn set_reuse_port(fd: &impl AsFd, on: bool) -> io::Result<()> {
    SockRef::from(fd).set_reuse_port(on)
}

/// Lets a port be bound while old connections of it are in TIME_WAIT.
///
/// # Errors
/// The system's.
pub fn set_reuse_address(fd: &impl AsFd, on: bool) -> io::Result<()> {
    SockRef::from(fd).set_reuse_address(on)
}

/// Watches a silent peer: after `idle` of silence a probe every `interval` (whole seconds), the
/// end after `count` unanswered ones.
///
/// # Errors
/// The system's: `EINVAL` for zero, `EOPNOTSUPP` for what is not TCP.
pub fn set_keepalive(
    fd: &impl AsFd,
    idle: Duration,
    interval: Duration,
    count: u32,
) -> io::Result<()> {
    let how = TcpKeepalive::new().with_time(idle).with_interval(interval).with_retries(count);
    SockRef::from(fd).set_tcp_keepalive(&how)
}

/// Sends small segments at once.
///
/// # Errors
/// The system's: `EOPNOTSUPP` for what is not TCP.
pub fn set_nodelay(fd: &impl AsFd, on: bool) -> io::Result<()> {
    SockRef::from(fd).set_tcp_nodelay(on)
}

/// A listening socket reports a connection only with its first data, or after about `seconds`.
///
/// # Errors
/// The system's; `Unsupported` off Linux.
#[cfg(target_os = "linux")]
pub fn set_defer_accept(fd: &impl AsFd, seconds: u32) -> io::Result<()> {
    use std::os::fd::AsRawFd;

    let value = libc::c_int::try_from(seconds).unwrap_or(libc::c_int::MAX);
    let size = libc::socklen_t::try_from(size_of_val(&value)).unwrap_or(4);
    // SAFETY: the pointer and the size are of the live `value`; the descriptor is borrowed open.
    super::errno::check(unsafe {
        libc::setsockopt(
            fd.as_fd().as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_DEFER_ACCEPT,
            (&raw const value).cast(),
            size,
        )
    })?;
    Ok(())
}

/// A listening socket reports a connection only with its first data, or after about `seconds`.
///
/// # Errors
/// The system's; `Unsupported` off Linux.
#[cfg(not(target_os = "linux"))]
pub fn set_defer_accept(_: &impl AsFd, _: u32) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A listening socket takes data with a connection's first packet; so many may be under way.
///
/// # Errors
/// The system's; `Unsupported` off Linux.
#[cfg(target_os = "linux")]
pub fn set_fastopen(fd: &impl AsFd, queue: u32) -> io::Result<()> {
    use std::os::fd::AsRawFd;

    let value = libc::c_int::try_from(queue).unwrap_or(libc::c_int::MAX);
    let size = libc::socklen_t::try_from(size_of_val(&value)).unwrap_or(4);
    // SAFETY: the pointer and the size are of the live `value`; the descriptor is borrowed open.
    super::errno::check(unsafe {
        libc::setsockopt(
            fd.as_fd().as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_FASTOPEN,
            (&raw const value).cast(),
            size,
        )
    })?;
    Ok(())
}

/// A listening socket takes data with a connection's first packet; so many may be under way.
///
/// # Errors
/// The system's; `Unsupported` off Linux.
#[cfg(not(target_os = "linux"))]
pub fn set_fastopen(_: &impl AsFd, _: u32) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Takes the pending error (`SO_ERROR`): how a connect in progress ended.
///
/// # Errors
/// When the option itself cannot be read.
pub fn take_error(fd: &impl AsFd) -> io::Result<Option<io::Error>> {
    SockRef::from(fd).take_error()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn options_reach_the_kernel() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        set_defer_accept(&listener, 1).unwrap();
        set_fastopen(&listener, 5).unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        set_nodelay(&stream, true).unwrap();
        assert!(stream.nodelay().unwrap());
        set_keepalive(&stream, Duration::from_secs(60), Duration::from_secs(10), 3).unwrap();
        assert!(SockRef::from(&stream).keepalive().unwrap());
        assert_eq!(SockRef::from(&stream).tcp_keepalive_retries().unwrap(), 3);
        assert!(take_error(&stream).unwrap().is_none());
    }
}
