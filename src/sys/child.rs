//! Children and what a process becomes: waiting, another program, a daemon, signals by hand.

use std::{
    ffi::{CStr, CString},
    fs::OpenOptions,
    io,
    mem::MaybeUninit,
    os::fd::{FromRawFd, OwnedFd, RawFd},
    ptr,
    time::Duration,
};

use super::{
    descriptor,
    errno::check,
    process::{self, ExitStatus, Fork, Pid},
    signal,
};

/// Takes the status of any child that has ended; `block` waits for one. `None`: none has ended yet.
///
/// # Errors
/// `ECHILD` when there is no child.
pub fn wait_any(block: bool) -> io::Result<Option<(Pid, ExitStatus)>> {
    let flags = if block { 0 } else { libc::WNOHANG };
    loop {
        match process::wait_for(-1, flags) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Waits for the end of this child and takes its status.
///
/// # Errors
/// `ECHILD` when it is no child of this process.
pub fn wait_for(pid: Pid) -> io::Result<ExitStatus> {
    loop {
        match process::wait_for(pid, 0) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(Some((_, status))) => return Ok(status),
            Ok(None) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether this child runs: not so when it has ended (its status stays to be taken) or is no child.
#[must_use]
pub fn is_running(pid: Pid) -> bool {
    let Ok(id) = libc::id_t::try_from(pid) else { return false };
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: `info` is writable memory of the right type.
    if unsafe { libc::waitid(libc::P_PID, id, info.as_mut_ptr(), flags) } < 0 {
        return false;
    }
    // SAFETY: `siginfo_t` is plain integers, for which all-zero is a value.
    let info = unsafe { info.assume_init() };
    // SAFETY: waitid has set the fields of a child, or left them zero.
    unsafe { info.si_pid() == 0 }
}

/// A descriptor that becomes readable when the process has ended.
///
/// # Errors
/// `ESRCH` when there is no such process; `Unsupported` off Linux.
pub fn watch_end(pid: Pid) -> io::Result<OwnedFd> {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: two numbers in, a descriptor or an error out.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
        let fd = RawFd::try_from(fd).unwrap_or(-1);
        check(fd)?;
        // SAFETY: the kernel has just given us this descriptor.
        Ok(unsafe { OwnedFd::from_raw_fd(fd) })
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (pid, ptr::null::<u8>());
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Sends a signal; 0 only asks. An id below -1 names a process group, 0 this process's own.
///
/// # Errors
/// `ESRCH`, `EPERM`, `EINVAL`. -1 (everybody) is refused with `EINVAL`.
pub fn send_signal(pid: Pid, signo: i32) -> io::Result<()> {
    if pid == -1 {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    // SAFETY: kill touches no memory of ours.
    check(unsafe { libc::kill(pid, signo) })?;
    Ok(())
}

/// Becomes another program, with this environment. The words are passed as they are, the first of
/// them is the program's own name. What ignores SIGPIPE here does not there. Returns why it failed.
#[must_use]
pub fn execute(file: &CStr, words: &[CString]) -> io::Error {
    let mut list: Vec<*const libc::c_char> = words.iter().map(|word| word.as_ptr()).collect();
    list.push(ptr::null());
    let _ = signal::set_default(signal::SIGPIPE);
    let _ = signal::clear_mask();
    // SAFETY: a NUL-terminated name, and a list of such that ends with null; all outlive the call.
    unsafe { libc::execv(file.as_ptr(), list.as_ptr()) };
    let failed = io::Error::last_os_error();
    let _ = signal::ignore(signal::SIGPIPE);
    failed
}

/// Leaves the terminal: goes on in a child with a session of its own, and the process that called
/// ends at once. Threads stay behind. `root`: goes to `/`; `silent`: standard input and outputs
/// become `/dev/null`.
///
/// # Errors
/// When no process can be made, or `/dev/null` cannot be opened.
pub fn daemonize(root: bool, silent: bool) -> io::Result<()> {
    if let Fork::Parent(_) = process::fork()? {
        // SAFETY: ends this process without running anything.
        unsafe { libc::_exit(0) };
    }
    // SAFETY: touches no memory; it fails only for the leader of a group, which a child is not.
    check(unsafe { libc::setsid() })?;
    if root {
        std::env::set_current_dir("/")?;
    }
    if silent {
        let null = OpenOptions::new().read(true).write(true).open("/dev/null")?;
        for fd in 0..3 {
            descriptor::duplicate_onto(&null, fd, false)?;
        }
    }
    Ok(())
}

/// Lets this process run on these processors only, counted from 0. Does nothing off Linux.
///
/// # Errors
/// `EINVAL` for none, or for one that the system does not have.
pub fn set_affinity(cpus: &[usize]) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        let mut set = MaybeUninit::<libc::cpu_set_t>::zeroed();
        // SAFETY: a set is bits, for which all-zero is a value.
        let set = unsafe { set.assume_init_mut() };
        for &cpu in cpus {
            if cpu >= 8 * size_of::<libc::cpu_set_t>() {
                return Err(io::Error::from_raw_os_error(libc::EINVAL));
            }
            // SAFETY: the number lies inside the set.
            unsafe { libc::CPU_SET(cpu, set) };
        }
        let size = size_of::<libc::cpu_set_t>();
        // SAFETY: the set and its size belong together; the kernel only reads.
        check(unsafe { libc::sched_setaffinity(0, size, set) })?;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = cpus;
    Ok(())
}

/// The processors that this process may run on, in order; empty off Linux.
///
/// # Errors
/// The system's.
pub fn affinity() -> io::Result<Vec<usize>> {
    #[cfg(target_os = "linux")]
    {
        let mut set = MaybeUninit::<libc::cpu_set_t>::zeroed();
        let size = size_of::<libc::cpu_set_t>();
        // SAFETY: the set is writable memory of that size.
        check(unsafe { libc::sched_getaffinity(0, size, set.as_mut_ptr()) })?;
        // SAFETY: a set is bits, for which every pattern is a value.
        let set = unsafe { set.assume_init() };
        // SAFETY: the number lies inside the set.
        let is_set = |cpu: usize| unsafe { libc::CPU_ISSET(cpu, &set) };
        Ok((0..8 * size).filter(|&cpu| is_set(cpu)).collect())
    }
    #[cfg(not(target_os = "linux"))]
    Ok(Vec::new())
}

/// Which time an interval timer counts: it chooses the signal as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// The clock's: SIGALRM.
    Real,
    /// This process's own: SIGVTALRM.
    Virtual,
    /// That, and what the system works for it: SIGPROF.
    Profiling,
}

/// Sends this process a signal again and again, `every` so much; `None` stops that.
///
/// # Errors
/// The system's.
pub fn set_interval(interval: Interval, every: Option<Duration>) -> io::Result<()> {
    let which = match interval {
        Interval::Real => libc::ITIMER_REAL,
        Interval::Virtual => libc::ITIMER_VIRTUAL,
        Interval::Profiling => libc::ITIMER_PROF,
    };
    let every = every.unwrap_or_default();
    let time = libc::timeval {
        tv_sec: libc::time_t::try_from(every.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_usec: every.subsec_micros().into(),
    };
    let timer = libc::itimerval { it_interval: time, it_value: time };
    // SAFETY: `timer` is live; the old one is not asked for.
    check(unsafe { libc::setitimer(which, &raw const timer, ptr::null_mut()) })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::descriptor::{Events, poll_one};

    #[test]
    #[expect(clippy::zombie_processes, reason = "waited for by the functions under test")]
    fn the_end_of_a_child_is_seen_and_left_to_be_taken() {
        let mut child = std::process::Command::new("/bin/cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let pid = child.id().cast_signed();
        assert!(is_running(pid));
        let end = watch_end(pid).unwrap();
        let now = poll_one(&end, Events::READ, Some(Duration::ZERO)).unwrap();
        assert!(!now.read);
        drop(child.stdin.take());
        assert!(poll_one(&end, Events::READ, None).unwrap().read);
        assert!(!is_running(pid));
        assert_eq!(process::try_wait(pid).unwrap(), Some(ExitStatus { code: 0, signal: 0 }));
        assert!(!is_running(pid));
    }

    #[test]
    fn what_is_refused() {
        assert_eq!(send_signal(-1, 0).unwrap_err().raw_os_error(), Some(libc::EINVAL));
        send_signal(process::id(), 0).unwrap();
        assert!(set_affinity(&[1 << 20]).is_err());
        assert!(!affinity().unwrap().is_empty());
        assert_eq!(execute(c"/nonexistent", &[]).raw_os_error(), Some(libc::ENOENT));
    }
}
