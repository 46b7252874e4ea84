//! Processes: fork, wait, kill, and what a process is called.

use std::{
    ffi::CString,
    io,
    sync::{
        Once,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use super::{errno::check, signal};

/// A process id.
pub type Pid = i32;

/// Which side of a fork this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fork {
    /// The process that forked; the child's id.
    Parent(Pid),
    /// The new process.
    Child,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitStatus {
    /// The exit code, 0 when a signal ended it.
    pub code: i32,
    /// The signal that ended it, 0 when it exited.
    pub signal: i32,
}

impl ExitStatus {
    /// Exit code 0 and no signal.
    #[must_use]
    pub fn is_success(self) -> bool {
        self.code == 0 && self.signal == 0
    }
}

/// Forks. Signals are held back meanwhile, so that none is lost or taken by the wrong side: the
/// child starts with an empty mask, and one that reaches it before its own
/// [`Signals`](signal::Signals) stand waits for them. Only the calling thread goes on in the child.
///
/// # Errors
/// `EAGAIN` or `ENOMEM` when no process can be made.
pub fn fork() -> io::Result<Fork> {
    let mask = signal::block_all()?;
    // SAFETY: the child goes on in the same code on a copy of this thread's memory; locks that
    // other threads (the resolver's) hold are not touched by the loop's thread of a child.
    let pid = unsafe { libc::fork() };
    let failed = io::Error::last_os_error();
    if pid == 0 {
        forget_fork();
        signal::forget_inherited();
        // An error here would send the child back into the parent's code: the mask stays then.
        let _ = signal::clear_mask();
        return Ok(Fork::Child);
    }
    let _ = signal::restore_mask(&mask);
    if pid < 0 { Err(failed) } else { Ok(Fork::Parent(pid)) }
}

/// From now on a child of this process knows that it is one, whoever forked ([`was_forked`]).
pub fn watch_forks() {
    extern "C" fn in_child() {
        FORKED.store(true, Ordering::Relaxed);
    }
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        // Without memory for it a fork of somebody else's goes unnoticed.
        // SAFETY: the handler touches nothing but an atomic, and lives as long as this library.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}

/// Whether this process was forked by other means than [`fork`], as by `pcntl_fork()`, and nobody
/// has dealt with that.
#[inline]
#[must_use]
pub fn was_forked() -> bool {
    FORKED.load(Ordering::Relaxed)
}

/// That is dealt with.
pub fn forget_fork() {
    FORKED.store(false, Ordering::Relaxed);
}

static FORKED: AtomicBool = AtomicBool::new(false);

/// Takes the status of this child if it has ended; never waits.
///
/// # Errors
/// `ECHILD` when it is no child of this process, or somebody else took its status.
pub fn try_wait(pid: Pid) -> io::Result<Option<ExitStatus>> {
    Ok(wait_for(pid, libc::WNOHANG)?.map(|(_, status)| status))
}

/// Takes the status of every child that has ended, PHP's own among them; never waits.
///
/// # Errors
/// Never for want of children; the system's otherwise.
pub fn reap_all() -> io::Result<Vec<(Pid, ExitStatus)>> {
    let mut ended = Vec::new();
    loop {
        match wait_for(-1, libc::WNOHANG) {
            Ok(Some(one)) => ended.push(one),
            Ok(None) => return Ok(ended),
            Err(error) if error.raw_os_error() == Some(libc::ECHILD) => return Ok(ended),
            Err(error) => return Err(error),
        }
    }
}

/// Sends a signal; 0 only asks whether the process is there.
///
/// # Errors
/// `ESRCH` when there is no such process, `EPERM`, `EINVAL`. Ids below 1 (process groups,
/// everybody) are refused with `EINVAL`.
pub fn kill(pid: Pid, signo: i32) -> io::Result<()> {
    if pid < 1 {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    // SAFETY: kill touches no memory of ours.
    check(unsafe { libc::kill(pid, signo) })?;
    Ok(())
}

/// This process.
#[must_use]
pub fn id() -> Pid {
    // SAFETY: getpid touches no memory and cannot fail.
    unsafe { libc::getpid() }
}

/// The parent of this process; 1 or a subreaper when its own parent has ended.
#[must_use]
pub fn parent_id() -> Pid {
    // SAFETY: getppid touches no memory and cannot fail.
    unsafe { libc::getppid() }
}

/// Whether this process acts as root.
#[must_use]
pub fn is_root() -> bool {
    // SAFETY: geteuid touches no memory and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

/// How many processors this process may use; at least 1.
#[must_use]
pub fn cpu_count() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Has the system send `signo` to this process when `parent` ends. Does nothing off Linux.
///
/// # Errors
/// `ESRCH` when `parent` is no longer the parent: it ended before this call.
pub fn die_with_parent(parent: Pid, signo: i32) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        let signo = libc::c_ulong::try_from(signo).unwrap_or(9);
        // SAFETY: PR_SET_PDEATHSIG takes one number and touches no memory of ours.
        check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signo) })?;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = signo;
    if parent_id() == parent { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::ESRCH)) }
}

/// How many descriptors this process may have open; a great number when there is no limit.
#[must_use]
pub fn descriptor_limit() -> usize {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is live and writable during the call.
    let asked = check(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) });
    let most = usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX);
    if asked.is_ok() { most } else { usize::MAX }
}

/// Names this process in `ps -o comm` and `top`; the system keeps 15 bytes. Does nothing off Linux.
///
/// # Errors
/// `InvalidInput` for a name with a NUL byte.
pub fn set_name(name: &str) -> io::Result<()> {
    let name = CString::new(name)?;
    #[cfg(target_os = "linux")]
    // SAFETY: `name` ends with NUL and lives during the call; the kernel copies it.
    check(unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) })?;
    let _ = name;
    Ok(())
}

pub(super) fn wait_for(pid: Pid, flags: libc::c_int) -> io::Result<Option<(Pid, ExitStatus)>> {
    let mut status = 0;
    // SAFETY: `status` is live and writable during the call.
    let pid = check(unsafe { libc::waitpid(pid, &raw mut status, flags) })?;
    if pid == 0 {
        return Ok(None);
    }
    let status = if libc::WIFSIGNALED(status) {
        ExitStatus { code: 0, signal: libc::WTERMSIG(status) }
    } else {
        ExitStatus { code: libc::WEXITSTATUS(status), signal: 0 }
    };
    Ok(Some((pid, status)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_about_this_process() {
        assert_eq!(id(), std::process::id().cast_signed());
        assert!(cpu_count() >= 1);
        assert!(descriptor_limit() > 2);
        kill(id(), 0).unwrap();
        assert_eq!(kill(0, 0).unwrap_err().raw_os_error(), Some(libc::EINVAL));
        assert_eq!(kill(-1, 0).unwrap_err().raw_os_error(), Some(libc::EINVAL));
    }

    #[test]
    #[expect(clippy::zombie_processes, reason = "waited for by the functions under test")]
    fn a_child_is_waited_for_by_its_id() {
        let mut child = std::process::Command::new("/bin/cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let pid = child.id().cast_signed();
        assert_eq!(try_wait(pid).unwrap(), None);
        kill(pid, libc::SIGKILL).unwrap();
        assert_eq!(
            wait_for(pid, 0).unwrap(),
            Some((pid, ExitStatus { code: 0, signal: libc::SIGKILL }))
        );
        assert_eq!(try_wait(pid).unwrap_err().raw_os_error(), Some(libc::ECHILD));
        drop(child.stdin.take());
    }
}
