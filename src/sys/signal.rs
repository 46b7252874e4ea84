//! Signals as events: a handler that only notes and wakes, a pipe for the loop to watch.

use std::{
    cell::Cell,
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    mem::MaybeUninit,
    os::fd::{AsRawFd, OwnedFd, RawFd},
    ptr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI32, AtomicU64, Ordering},
    },
};

use super::{
    descriptor::set_nonblocking,
    errno::check,
    process::{self, Pid},
};

pub use libc::{SIGALRM, SIGCHLD, SIGHUP, SIGINT, SIGKILL, SIGPIPE, SIGTERM, SIGUSR1, SIGUSR2};

/// The first real-time signal, on which the log is opened anew.
#[must_use]
pub fn sigrtmin() -> i32 {
    #[cfg(target_os = "linux")]
    return libc::SIGRTMIN();
    #[cfg(not(target_os = "linux"))]
    return 0;
}

/// The last signal there is.
#[must_use]
pub fn sigrtmax() -> i32 {
    #[cfg(target_os = "linux")]
    return libc::SIGRTMAX();
    #[cfg(not(target_os = "linux"))]
    return 31;
}

/// Signals of this process as events. While it lives, each of its signals is only noted by a
/// handler (with `SA_RESTART`) and makes the descriptor readable; dropping it gives every signal the
/// disposition back that it had before this process, or the one it was forked from, took it over.
/// At most one lives in a process; a forked child makes its own, and dropping the parent's there
/// only closes the child's copies of the pipe.
#[derive(Debug)]
pub struct Signals {
    reader: File,
    /// Owns the descriptor behind `WAKE_FD` while this object is the process's.
    _writer: OwnedFd,
    owner: Pid,
    /// One bit a signal that is handled here.
    taken: Cell<u64>,
}

impl Signals {
    /// Takes the signals over. Those that arrived since the fork are reported at once.
    ///
    /// # Errors
    /// `AlreadyExists` when this process has such an object; `EINVAL` for a number that is no signal
    /// or cannot be handled (KILL, STOP); the system's.
    pub fn new(signals: &[i32]) -> io::Result<Signals> {
        let owner = process::id();
        if OWNER.load(Ordering::Relaxed) == owner {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let (reader, writer) = io::pipe()?;
        set_nonblocking(&reader, true)?;
        set_nonblocking(&writer, true)?;
        let writer = OwnedFd::from(writer);
        let reader = File::from(OwnedFd::from(reader));
        WAKE_FD.store(writer.as_raw_fd(), Ordering::SeqCst);
        OWNER.store(owner, Ordering::Relaxed);
        let this = Signals { reader, _writer: writer, owner, taken: Cell::new(0) };
        for &signo in signals {
            this.add(signo)?;
        }
        Ok(this)
    }

    /// Takes one more signal over; one that is taken already is no error.
    ///
    /// # Errors
    /// `EINVAL` for a number that is no signal or cannot be handled.
    pub fn add(&self, signo: i32) -> io::Result<()> {
        let bit = bit_of(signo).ok_or_else(|| io::Error::from_raw_os_error(libc::EINVAL))?;
        let old = set_disposition(signo, handler_action())?;
        originals().entry(signo).or_insert(Disposition(old));
        self.taken.set(self.taken.get() | bit);
        if PENDING.load(Ordering::SeqCst) & bit != 0 {
            wake();
        }
        Ok(())
    }

    /// Whether this signal is taken over here.
    #[must_use]
    pub fn holds(&self, signo: i32) -> bool {
        bit_of(signo).is_some_and(|bit| self.taken.get() & bit != 0)
    }

    /// Gives one signal its former disposition back; one that is not taken is no error.
    ///
    /// # Errors
    /// The system's.
    pub fn remove(&self, signo: i32) -> io::Result<()> {
        let Some(bit) = bit_of(signo) else { return Ok(()) };
        self.taken.set(self.taken.get() & !bit);
        PENDING.fetch_and(!bit, Ordering::SeqCst);
        match originals().remove(&signo) {
            Some(Disposition(action)) => set_disposition(signo, action).map(drop),
            None => Ok(()),
        }
    }

    /// Gives the signals up for the last moments of a process that was told to end: they are ignored
    /// from now on, so that a repeated TERM does not cut its shutdown functions short.
    pub fn leave(self) {
        let taken = self.taken.get();
        for signo in (1..=64).filter(|signo| taken & (1 << (signo - 1)) != 0) {
            originals().insert(signo, Disposition(action(libc::SIG_IGN)));
        }
    }

    /// The signals that arrived since the last call, each once, in the order of their numbers.
    /// Empties the pipe first, so that one that arrives meanwhile wakes the loop again.
    pub fn drain(&self) -> impl Iterator<Item = i32> + use<> {
        let mut bytes = [0; 64];
        while matches!((&self.reader).read(&mut bytes), Ok(1..)) {}
        let taken = self.taken.get();
        let arrived = PENDING.fetch_and(!taken, Ordering::SeqCst) & taken;
        (1..=64).filter(move |signo| arrived & (1 << (signo - 1)) != 0)
    }
}

impl AsRawFd for Signals {
    /// The pipe's reading end: readable when `drain` has something, edge-triggered too.
    fn as_raw_fd(&self) -> RawFd {
        self.reader.as_raw_fd()
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        if self.owner != process::id() || OWNER.load(Ordering::Relaxed) != self.owner {
            return;
        }
        for (signo, Disposition(action)) in std::mem::take(&mut *originals()) {
            let _ = set_disposition(signo, action);
        }
        WAKE_FD.store(-1, Ordering::SeqCst);
        OWNER.store(0, Ordering::Relaxed);
        PENDING.store(0, Ordering::SeqCst);
    }
}

/// Ignores a signal from now on. One that [`Signals`] took over, here or in the process this one was
/// forked from, gets its former disposition back when this process's `Signals` is dropped.
///
/// # Errors
/// `EINVAL` for a number that is no signal or cannot be ignored.
pub fn ignore(signo: i32) -> io::Result<()> {
    set_disposition(signo, action(libc::SIG_IGN)).map(drop)
}

/// Gives a signal its default effect, with the same exception as [`ignore`].
///
/// # Errors
/// `EINVAL` for a number that is no signal or cannot be changed.
pub fn set_default(signo: i32) -> io::Result<()> {
    set_disposition(signo, action(libc::SIG_DFL)).map(drop)
}

/// In a forked child that is no process of a server: every signal that was taken over gets the
/// disposition back that it had before.
///
/// # Errors
/// `AlreadyExists` when this process has taken signals over by itself; the system's.
pub fn give_up_inherited() -> io::Result<()> {
    Signals::new(&[]).map(drop)
}

/// Lets every signal through.
///
/// # Errors
/// The system's; none is known.
pub fn clear_mask() -> io::Result<()> {
    let mut set = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: `set` is writable memory of the right type.
    check(unsafe { libc::sigemptyset(set.as_mut_ptr()) })?;
    // SAFETY: a zeroed set that sigemptyset has set up.
    restore_mask(&Mask(unsafe { set.assume_init() }))
}

/// Holds back every signal in the calling thread, for good: a thread that is not PHP's must not run
/// the handlers of PHP's.
///
/// # Errors
/// The system's; none is known.
pub fn block_for_thread() -> io::Result<()> {
    block_all().map(drop)
}

/// A saved signal mask.
pub(super) struct Mask(libc::sigset_t);

/// Holds back every signal; gives the mask that was.
pub(super) fn block_all() -> io::Result<Mask> {
    let mut all = MaybeUninit::<libc::sigset_t>::zeroed();
    let mut old = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: `all` is writable memory of the right type.
    check(unsafe { libc::sigfillset(all.as_mut_ptr()) })?;
    // SAFETY: `all` was set up by sigfillset, `old` is writable.
    let result =
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), old.as_mut_ptr()) };
    if result != 0 {
        return Err(io::Error::from_raw_os_error(result));
    }
    // SAFETY: pthread_sigmask has written it.
    Ok(Mask(unsafe { old.assume_init() }))
}

/// Puts a saved mask back.
pub(super) fn restore_mask(mask: &Mask) -> io::Result<()> {
    // SAFETY: the set is live and was set up by libc; the old mask is not asked for.
    let result =
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const mask.0, ptr::null_mut()) };
    if result == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(result)) }
}

/// In a forked child, while signals are held back: what was noted was the parent's, and the pipe is
/// the parent's. Handlers stay, so that a signal that comes before the child's own `Signals` is
/// noted for them.
pub(super) fn forget_inherited() {
    WAKE_FD.store(-1, Ordering::SeqCst);
    PENDING.store(0, Ordering::SeqCst);
    OWNER.store(0, Ordering::Relaxed);
}

/// The writing end that the handler wakes, -1 for none.
static WAKE_FD: AtomicI32 = AtomicI32::new(-1);
/// One bit a signal that arrived and was not drained.
static PENDING: AtomicU64 = AtomicU64::new(0);
/// The process whose `Signals` lives, 0 for none.
static OWNER: AtomicI32 = AtomicI32::new(0);
/// What each signal's disposition was before it was first taken over; inherited by children.
static ORIGINALS: Mutex<BTreeMap<i32, Disposition>> = Mutex::new(BTreeMap::new());

struct Disposition(libc::sigaction);

fn originals() -> MutexGuard<'static, BTreeMap<i32, Disposition>> {
    ORIGINALS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn bit_of(signo: i32) -> Option<u64> {
    (1..=64).contains(&signo).then(|| 1 << (signo - 1))
}

/// Notes the signal and wakes the loop. Async-signal-safe: atomics and one `write`.
extern "C" fn note(signo: libc::c_int) {
    let Some(bit) = bit_of(signo) else { return };
    PENDING.fetch_or(bit, Ordering::SeqCst);
    wake();
}

/// Makes the pipe readable, keeping errno. A full pipe is readable already.
fn wake() {
    let fd = WAKE_FD.load(Ordering::SeqCst);
    if fd < 0 {
        return;
    }
    // SAFETY: gives the address of this thread's errno, which is always there.
    let errno = unsafe { errno_location() };
    // SAFETY: errno of this thread, not written by others meanwhile.
    let saved = unsafe { *errno };
    let byte = [1_u8];
    // SAFETY: one live byte; the descriptor is the pipe's as long as WAKE_FD names it.
    let _ = unsafe { libc::write(fd, byte.as_ptr().cast(), 1) };
    // SAFETY: as above.
    unsafe { *errno = saved };
}

#[cfg(target_os = "linux")]
use libc::__errno_location as errno_location;
#[cfg(not(target_os = "linux"))]
use libc::__error as errno_location;

fn handler_action() -> libc::sigaction {
    let mut action = action(note as extern "C" fn(libc::c_int) as libc::sighandler_t);
    action.sa_flags = libc::SA_RESTART;
    action
}

fn action(handler: libc::sighandler_t) -> libc::sigaction {
    // SAFETY: sigaction is integers, a set and function addresses, for which all-zero is a value.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_sigaction = handler;
    action
}

fn set_disposition(signo: i32, action: libc::sigaction) -> io::Result<libc::sigaction> {
    let mut old = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: `action` is live, its handler is `note` (async-signal-safe), SIG_IGN, SIG_DFL or one
    // that was installed before; `old` is writable.
    check(unsafe { libc::sigaction(signo, &raw const action, old.as_mut_ptr()) })?;
    // SAFETY: sigaction has written it.
    Ok(unsafe { old.assume_init() })
}
