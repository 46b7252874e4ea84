//! Moving bytes between sockets, buffers and files.

use std::{fs::File, io, os::fd::AsRawFd};

use bytes::{BufMut, BytesMut};
use socket2::{SockAddr, Socket};

pub use libc::{MSG_DONTWAIT, MSG_NOSIGNAL, MSG_PEEK};

/// Receives once, at most `limit` bytes, to the end of `into`. 0 is the end of input.
///
/// # Errors
/// What `recv` says, `EAGAIN` and `EINTR` included.
pub fn receive(socket: &Socket, into: &mut BytesMut, limit: usize) -> io::Result<usize> {
    receive_with(socket, into, limit, 0)
}

/// [`receive`] with flags (`MSG_PEEK`, `MSG_DONTWAIT`).
///
/// # Errors
/// What `recv` says, `EAGAIN` and `EINTR` included.
pub fn receive_with(
    socket: &Socket,
    into: &mut BytesMut,
    limit: usize,
    flags: i32,
) -> io::Result<usize> {
    into.reserve(limit);
    let spare = into.spare_capacity_mut();
    let room = spare.len().min(limit);
    let received = match spare.get_mut(..room) {
        Some(spare) => socket.recv_with_flags(spare, flags)?,
        None => 0,
    };
    // SAFETY: `recv` has filled the first `received` bytes of the spare capacity.
    unsafe { into.advance_mut(received) };
    Ok(received)
}

/// Receives one datagram to the end of `into`, at most `limit` bytes of it, and tells who sent it.
///
/// # Errors
/// What `recvfrom` says, `EAGAIN` and `EINTR` included.
pub fn receive_from(
    socket: &Socket,
    into: &mut BytesMut,
    limit: usize,
    flags: i32,
) -> io::Result<SockAddr> {
    into.reserve(limit);
    let spare = into.spare_capacity_mut();
    let room = spare.len().min(limit);
    let spare = spare.get_mut(..room).unwrap_or_default();
    let (received, sender) = socket.recv_from_with_flags(spare, flags)?;
    // SAFETY: `recvfrom` has filled the first `received` bytes of the spare capacity.
    unsafe { into.advance_mut(received) };
    Ok(sender)
}

/// Sends at most `length` bytes of `file` from `offset` on, without a copy through the process.
/// 0: the file ends there.
///
/// # Errors
/// What `sendfile` says, `EAGAIN` and `EINTR` included.
pub fn send_file(socket: &Socket, file: &File, offset: u64, length: u64) -> io::Result<u64> {
    let mut offset = libc::off_t::try_from(offset).map_err(|_| invalid())?;
    let length = usize::try_from(length).unwrap_or(usize::MAX).min(SEND_FILE);
    // SAFETY: both descriptors are open for the duration of the call, and `offset` is a live value
    // that the system may write to.
    let sent =
        unsafe { libc::sendfile(socket.as_raw_fd(), file.as_raw_fd(), &raw mut offset, length) };
    u64::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// At most this much in one call: what Linux transfers at once (sendfile(2)).
const SEND_FILE: usize = 0x7fff_f000;

fn invalid() -> io::Error {
    io::Error::from_raw_os_error(libc::EINVAL)
}
