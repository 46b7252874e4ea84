//! Receiving into the unfilled part of a buffer.

use std::io;

use bytes::{BufMut, BytesMut};
use socket2::Socket;

/// Receives once, at most `limit` bytes, to the end of `into`. 0 is the end of input.
///
/// # Errors
/// What `recv` says, `EAGAIN` and `EINTR` included.
pub fn receive(socket: &Socket, into: &mut BytesMut, limit: usize) -> io::Result<usize> {
    into.reserve(limit);
    let spare = into.spare_capacity_mut();
    let room = spare.len().min(limit);
    let received = match spare.get_mut(..room) {
        Some(spare) => socket.recv(spare)?,
        None => 0,
    };
    // SAFETY: `recv` has filled the first `received` bytes of the spare capacity.
    unsafe { into.advance_mut(received) };
    Ok(received)
}
