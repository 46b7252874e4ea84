//! Packets between processes of one program, descriptors in them, and memory that travels so.

use std::{
    fs::File,
    io::{self, IoSlice, Write},
    mem::MaybeUninit,
    ops::Deref,
    os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd},
    ptr::{self, NonNull},
    slice,
};

use bytes::{BufMut, BytesMut};
use socket2::{Domain, MaybeUninitSlice, MsgHdr, MsgHdrMut, SockRef, Socket, Type};

use super::errno::check;

/// Descriptors that one packet carries at most.
pub const MAX_DESCRIPTORS: usize = 64;

/// Two connected sockets that keep packets whole and in order; non-blocking, closed on exec.
///
/// # Errors
/// When the system gives no more descriptors.
pub fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let kind = Type::from(libc::SOCK_SEQPACKET).nonblocking();
    let (near, far) = Socket::pair(Domain::UNIX, kind, None)?;
    Ok((near.into(), far.into()))
}

/// Asks for room for about `bytes` of unread packets; the system may give less.
pub fn set_room(socket: &impl AsFd, bytes: usize) {
    // What an unprivileged process may not have is no error: a smaller box is full sooner.
    let _ = SockRef::from(socket).set_send_buffer_size(bytes);
}

/// Sends one packet, with copies of `descriptors` (at most [`MAX_DESCRIPTORS`]). Never waits.
///
/// # Errors
/// `WouldBlock` when there is no room; `EMSGSIZE` for a packet larger than the socket's buffer.
pub fn send(socket: &impl AsFd, bytes: &[u8], descriptors: &[OwnedFd]) -> io::Result<()> {
    let socket = SockRef::from(socket);
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    let sent = if descriptors.is_empty() {
        socket.send_with_flags(bytes, flags)?
    } else {
        let buffers = [IoSlice::new(bytes)];
        let control = Control::of(descriptors)?;
        let message = MsgHdr::new().with_buffers(&buffers).with_control(control.bytes());
        socket.sendmsg(&message, flags)?
    };
    if sent == bytes.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}

/// Receives one packet of at most `limit` bytes to the end of `into`, and its descriptors, which
/// are closed on exec. Never waits. 0: nobody can send any more.
///
/// # Errors
/// `WouldBlock` when there is none; `InvalidData` for one that was longer, which is lost.
pub fn receive(
    socket: &impl AsFd,
    into: &mut BytesMut,
    limit: usize,
    descriptors: &mut Vec<OwnedFd>,
) -> io::Result<usize> {
    into.reserve(limit);
    let spare = into.spare_capacity_mut();
    let room = spare.len().min(limit);
    let mut buffers = [MaybeUninitSlice::new(spare.get_mut(..room).unwrap_or_default())];
    let mut control = [MaybeUninit::new(0); CONTROL];
    let (received, filled, flags) = {
        let mut message = MsgHdrMut::new().with_buffers(&mut buffers).with_control(&mut control);
        let flags = libc::MSG_DONTWAIT | libc::MSG_CMSG_CLOEXEC;
        let received = SockRef::from(socket).recvmsg(&mut message, flags)?;
        (received, message.control_len(), message.flags())
    };
    if filled > 0 {
        // SAFETY: every byte of `control` was initialised above; the layouts are the same.
        let control =
            unsafe { slice::from_raw_parts(control.as_ptr().cast::<u8>(), control.len()) };
        take_descriptors(control.get(..filled).unwrap_or_default(), descriptors);
    }
    if flags.is_truncated() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    // SAFETY: `recvmsg` has filled the first `received` bytes of the spare capacity.
    unsafe { into.advance_mut(received) };
    Ok(received)
}

/// Bytes that other processes can map: sealed, so that nobody can change or shorten them.
///
/// # Errors
/// When the system has no memory or no descriptor.
pub fn sealed_memory(parts: &[&[u8]]) -> io::Result<OwnedFd> {
    let flags = libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING;
    // SAFETY: the name is NUL-terminated and lives for ever.
    let fd = check(unsafe { libc::memfd_create(c"tether".as_ptr(), flags) })?;
    // SAFETY: the kernel has just given this descriptor to nobody else.
    let mut file = File::from(unsafe { OwnedFd::from_raw_fd(fd) });
    for part in parts {
        file.write_all(part)?;
    }
    // SAFETY: takes numbers, touches no memory.
    check(unsafe { libc::fcntl(file.as_raw_fd(), libc::F_ADD_SEALS, SEALS) })?;
    Ok(file.into())
}

/// The bytes of [`sealed_memory`], mapped for reading.
#[derive(Debug)]
pub struct Mapped {
    /// Points to `len` bytes, mapped readable from `new` to `drop`; their seals keep them as they
    /// are.
    base: NonNull<u8>,
    len: usize,
}

impl Mapped {
    /// Maps all of it; the descriptor is not needed afterwards.
    ///
    /// # Errors
    /// `InvalidInput` for what is not sealed; the system's.
    pub fn new(memory: OwnedFd) -> io::Result<Mapped> {
        // SAFETY: takes numbers, touches no memory.
        let seals = check(unsafe { libc::fcntl(memory.as_raw_fd(), libc::F_GET_SEALS) })?;
        if seals & SEALS != SEALS {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let file = File::from(memory);
        let len = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        if len == 0 {
            return Ok(Mapped { base: NonNull::dangling(), len });
        }
        let flags = libc::MAP_PRIVATE;
        // SAFETY: a fresh mapping at a place of the kernel's choice touches no memory of ours.
        let base = unsafe {
            libc::mmap(ptr::null_mut(), len, libc::PROT_READ, flags, file.as_raw_fd(), 0)
        };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let base = NonNull::new(base.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Mapped { base, len })
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the field's invariant.
        unsafe { slice::from_raw_parts(self.base.as_ptr(), self.len) }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        if self.len > 0 {
            // SAFETY: the mapping was made by `new` with this size; borrows of it ended with `self`.
            let _ = unsafe { libc::munmap(self.base.as_ptr().cast(), self.len) };
        }
    }
}

const SEALS: libc::c_int =
    libc::F_SEAL_SEAL | libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_WRITE;

/// Length, level and kind: `struct cmsghdr` of cmsg(3) on 64-bit systems.
const CONTROL_HEAD: usize = 16;
const CONTROL: usize = CONTROL_HEAD + MAX_DESCRIPTORS * size_of::<RawFd>();

struct Control {
    bytes: [u8; CONTROL],
    len: usize,
}

impl Control {
    fn of(descriptors: &[OwnedFd]) -> io::Result<Control> {
        if descriptors.len() > MAX_DESCRIPTORS {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut bytes = [0; CONTROL];
        let len = CONTROL_HEAD + size_of_val(descriptors);
        let mut rest = &mut bytes[..];
        rest.write_all(&len.to_ne_bytes())?;
        rest.write_all(&libc::SOL_SOCKET.to_ne_bytes())?;
        rest.write_all(&libc::SCM_RIGHTS.to_ne_bytes())?;
        for descriptor in descriptors {
            rest.write_all(&descriptor.as_raw_fd().to_ne_bytes())?;
        }
        // What is sent is padded to words, as CMSG_SPACE has it.
        Ok(Control { bytes, len: len.next_multiple_of(size_of::<usize>()) })
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&self.bytes)
    }
}

/// Reads the one control message that [`send`] makes.
fn take_descriptors(control: &[u8], into: &mut Vec<OwnedFd>) {
    let Some((head, rest)) = control.split_at_checked(CONTROL_HEAD) else { return };
    let len = head.first_chunk().map_or(0, |len| usize::from_ne_bytes(*len));
    let word = |at: usize| {
        head.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |word| i32::from_ne_bytes(*word))
    };
    if (word(8), word(12)) != (libc::SOL_SOCKET, libc::SCM_RIGHTS) {
        return;
    }
    let numbers = rest.get(..len.saturating_sub(CONTROL_HEAD)).unwrap_or(rest);
    for number in numbers.as_chunks().0 {
        // SAFETY: the kernel has just put this descriptor into our table, for us alone.
        into.push(unsafe { OwnedFd::from_raw_fd(RawFd::from_ne_bytes(*number)) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_stay_whole_and_carry_descriptors() {
        let (near, far) = pair().unwrap();
        let (mut into, mut descriptors) = (BytesMut::new(), Vec::new());
        let empty = receive(&far, &mut into, 64, &mut descriptors).unwrap_err();
        assert_eq!(empty.kind(), io::ErrorKind::WouldBlock);
        let memory = [sealed_memory(&[b"large ", b"payload"]).unwrap()];
        send(&near, b"one", &[]).unwrap();
        send(&near, b"two", &memory).unwrap();
        assert_eq!(receive(&far, &mut into, 64, &mut descriptors).unwrap(), 3);
        assert!(descriptors.is_empty());
        assert_eq!(receive(&far, &mut into, 64, &mut descriptors).unwrap(), 3);
        assert_eq!(into, b"onetwo"[..]);
        let mapped = Mapped::new(descriptors.pop().unwrap()).unwrap();
        assert_eq!(*mapped, *b"large payload");
        assert!(descriptors.is_empty());
    }

    #[test]
    fn what_is_too_long_or_not_sealed_is_refused() {
        let (near, far) = pair().unwrap();
        let (mut into, mut descriptors) = (BytesMut::new(), Vec::new());
        send(&near, &[7; 100], &[]).unwrap();
        let cut = receive(&far, &mut into, 10, &mut descriptors).unwrap_err();
        assert_eq!(cut.kind(), io::ErrorKind::InvalidData);
        assert!(into.is_empty());
        let file = File::open("/proc/self/exe").unwrap();
        assert!(Mapped::new(file.into()).is_err());
        assert_eq!(*Mapped::new(sealed_memory(&[]).unwrap()).unwrap(), *b"");
    }

    #[test]
    fn a_full_socket_takes_again_when_a_packet_was_read() {
        let (near, far) = pair().unwrap();
        let mut sent = 0;
        while send(&near, &[1; 4096], &[]).is_ok() {
            sent += 1;
        }
        assert!(sent > 4);
        let (mut into, mut descriptors) = (BytesMut::new(), Vec::new());
        receive(&far, &mut into, 4096, &mut descriptors).unwrap();
        send(&near, &[1; 4096], &[]).unwrap();
    }
}
