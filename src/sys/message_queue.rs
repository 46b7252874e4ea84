//! The System's own message queues (`msgget` and its kin): they outlive processes.

use std::{ffi::CString, io, mem::MaybeUninit, path::Path};

use super::errno::check;

/// A queue, by its number in the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageQueue(libc::c_int);

/// The longest message, bytes.
pub const MESSAGE_MAX: usize = 65_536;

/// What a queue holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueStats {
    /// Messages that wait.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The key that stands for a file and a number.
///
/// # Errors
/// When the file cannot be looked at.
pub fn key_of(file: &Path, number: u8) -> io::Result<i32> {
    use std::os::unix::ffi::OsStrExt;

    let path = CString::new(file.as_os_str().as_bytes())?;
    // SAFETY: a NUL-terminated path that outlives the call.
    check(unsafe { libc::ftok(path.as_ptr(), number.into()) })
}

impl MessageQueue {
    /// The queue of a key, made if there is none. It stays until [`remove`](Self::remove).
    ///
    /// # Errors
    /// `EACCES`, `ENOSPC`.
    pub fn open(key: i32) -> io::Result<MessageQueue> {
        // SAFETY: touches no memory of ours.
        check(unsafe { libc::msgget(key, libc::IPC_CREAT | 0o666) }).map(MessageQueue)
    }

    /// Its number in the system.
    #[must_use]
    pub fn id(self) -> i32 {
        self.0
    }

    /// Adds a message of a kind (above 0); with `block` waits for room.
    ///
    /// # Errors
    /// `EAGAIN` when there is no room, `EINVAL` for too long a message, `EIDRM` when the queue is
    /// gone, `EINTR`.
    pub fn push(self, kind: i64, data: &[u8], block: bool) -> io::Result<()> {
        let mut message = Vec::with_capacity(KIND + data.len());
        message.extend_from_slice(&kind.to_ne_bytes());
        message.extend_from_slice(data);
        let flags = if block { 0 } else { libc::IPC_NOWAIT };
        // SAFETY: the kind and then `data.len()` bytes, as the system wants them.
        check(unsafe { libc::msgsnd(self.0, message.as_ptr().cast(), data.len(), flags) })?;
        Ok(())
    }

    /// Takes the first message of a kind, 0 for any, at most `limit` bytes of it; with `block` waits
    /// for one.
    ///
    /// # Errors
    /// `ENOMSG` when there is none, `EIDRM` when the queue is gone, `EINTR`.
    pub fn pop(self, kind: i64, limit: usize, block: bool) -> io::Result<Vec<u8>> {
        let mut message = vec![0_u8; KIND + limit.min(MESSAGE_MAX)];
        let flags = libc::MSG_NOERROR | if block { 0 } else { libc::IPC_NOWAIT };
        let room = message.len() - KIND;
        let kind = libc::c_long::try_from(kind).unwrap_or(0);
        // SAFETY: room for the kind and `room` bytes, which the system fills.
        let taken = unsafe { libc::msgrcv(self.0, message.as_mut_ptr().cast(), room, kind, flags) };
        let taken = usize::try_from(taken).map_err(|_| io::Error::last_os_error())?;
        message.truncate(KIND + taken);
        message.drain(..KIND);
        Ok(message)
    }

    /// What it holds now.
    ///
    /// # Errors
    /// `EIDRM`, `EACCES`.
    pub fn stats(self) -> io::Result<QueueStats> {
        let state = self.state()?;
        Ok(QueueStats { messages: state.msg_qnum, bytes: state.__msg_cbytes })
    }

    /// Sets how many bytes it may hold.
    ///
    /// # Errors
    /// `EPERM` above the system's limit without the right to do so.
    pub fn set_capacity(self, bytes: usize) -> io::Result<()> {
        let mut state = self.state()?;
        state.msg_qbytes = bytes as libc::msglen_t;
        // SAFETY: `state` is live, and was filled by the system.
        check(unsafe { libc::msgctl(self.0, libc::IPC_SET, &raw mut state) })?;
        Ok(())
    }

    /// Removes it, with all that waits in it.
    ///
    /// # Errors
    /// `EIDRM`, `EPERM`.
    pub fn remove(self) -> io::Result<()> {
        // SAFETY: no structure is asked for.
        check(unsafe { libc::msgctl(self.0, libc::IPC_RMID, std::ptr::null_mut()) })?;
        Ok(())
    }

    fn state(self) -> io::Result<libc::msqid_ds> {
        let mut state = MaybeUninit::<libc::msqid_ds>::zeroed();
        // SAFETY: writable memory of the right type.
        check(unsafe { libc::msgctl(self.0, libc::IPC_STAT, state.as_mut_ptr()) })?;
        // SAFETY: plain integers, which the system has filled.
        Ok(unsafe { state.assume_init() })
    }
}

/// A message starts with its kind, a `long`.
const KIND: usize = size_of::<libc::c_long>();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_taken_by_their_kind() {
        let queue = MessageQueue::open(libc::IPC_PRIVATE).unwrap();
        queue.push(1, b"one", true).unwrap();
        queue.push(2, b"two", true).unwrap();
        queue.push(2, b"three", true).unwrap();
        assert_eq!(queue.stats().unwrap(), QueueStats { messages: 3, bytes: 11 });
        assert_eq!(queue.pop(2, 100, false).unwrap(), b"two");
        assert_eq!(queue.pop(0, 2, false).unwrap(), b"on");
        assert_eq!(queue.pop(1, 100, false).unwrap_err().raw_os_error(), Some(libc::ENOMSG));
        queue.set_capacity(16).unwrap();
        let full = queue.push(1, &[0; 16], false).unwrap_err();
        assert_eq!(full.raw_os_error(), Some(libc::EAGAIN));
        queue.remove().unwrap();
        assert!(queue.stats().is_err());
        assert!(key_of(Path::new("/"), 1).is_ok());
    }
}
