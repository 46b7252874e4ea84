//! Locks on whole files, held by processes (`fcntl`): the system frees those of a dead one.

use std::{
    ffi::OsStr,
    fs::OpenOptions,
    io,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
};

use super::errno::check;

/// What a lock allows its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To read beside other readers.
    Read,
    /// To write alone.
    Write,
    /// Nothing: the lock is given back.
    None,
}

/// Opens a file to be locked; makes it if it is missing, leaves its bytes as they are.
///
/// # Errors
/// The system's; `EISDIR` and `EACCES` among them.
pub fn open(path: &[u8]) -> io::Result<OwnedFd> {
    let path = OsStr::from_bytes(path);
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    Ok(file.into())
}

/// Changes this process's lock on the file; with `wait` until that is possible. Children do not
/// inherit it, and it goes when the process closes any descriptor of the file.
///
/// # Errors
/// `EAGAIN` or `EACCES` when somebody else holds it and `wait` is false; `EDEADLK`.
pub fn set(file: &OwnedFd, access: Access, wait: bool) -> io::Result<()> {
    let kind = match access {
        Access::Read => libc::F_RDLCK,
        Access::Write => libc::F_WRLCK,
        Access::None => libc::F_UNLCK,
    };
    // SAFETY: `flock` is plain integers, for which all-zero is a value: the whole file.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    #[expect(clippy::cast_possible_truncation, reason = "both are small constants")]
    {
        lock.l_type = kind as _;
        lock.l_whence = libc::SEEK_SET as _;
    }
    let command = if wait { libc::F_SETLKW } else { libc::F_SETLK };
    loop {
        // SAFETY: `lock` is live during the call, which keeps no pointer to it.
        let done = check(unsafe { libc::fcntl(file.as_raw_fd(), command, &raw const lock) });
        match done {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.map(|_| ()),
        }
    }
}
