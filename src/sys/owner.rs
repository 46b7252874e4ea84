//! Who holds something in shared memory: a process, named so that a later one with the same id is
//! not taken for it.

use std::{
    fs,
    sync::{
        Once,
        atomic::{AtomicU64, Ordering},
    },
};

use super::process;

/// A process: its id in the low 22 bits, the time of its start above. Never 0.
pub type Owner = u64;

/// This process. Cheap: it is worked out once after each fork.
#[inline]
#[must_use]
pub fn me() -> Owner {
    let known = ME.load(Ordering::Relaxed);
    if known != 0 { known } else { find_out() }
}

/// Whether that process still runs. A zombie does not. When in doubt (another user's process, no
/// `/proc`), it does.
#[must_use]
pub fn is_alive(owner: Owner) -> bool {
    let pid = i32::try_from(owner & PID).unwrap_or(0);
    if is_gone(pid) {
        return false;
    }
    let Some(now) = Stat::of(pid) else { return !is_gone(pid) };
    let start = owner >> PID_BITS;
    !now.is_zombie && (start == 0 || now.start == start)
}

fn is_gone(pid: process::Pid) -> bool {
    process::kill(pid, 0).is_err_and(|error| error.raw_os_error() != Some(libc::EPERM))
}

#[cold]
fn find_out() -> Owner {
    AT_FORK.call_once(|| {
        // SAFETY: the handler only stores to an atomic, which is allowed in a child of any process.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(forget)) };
    });
    let pid = process::id();
    let start = Stat::of(pid).map_or(0, |stat| stat.start) & (u64::MAX >> PID_BITS);
    let me = start << PID_BITS | u64::from(pid.cast_unsigned()) & PID;
    ME.store(me, Ordering::Relaxed);
    me
}

unsafe extern "C" fn forget() {
    ME.store(0, Ordering::Relaxed);
}

/// What `/proc/PID/stat` says (proc(5)).
struct Stat {
    /// Clock ticks between the system's start and the process's.
    start: u64,
    is_zombie: bool,
}

impl Stat {
    fn of(pid: process::Pid) -> Option<Stat> {
        let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
        let text = String::from_utf8_lossy(&text);
        // The name in parentheses may hold spaces and parentheses itself.
        let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
        let is_zombie = matches!(fields.next()?, "Z" | "X");
        let start = fields.nth(18)?.parse().ok()?;
        Some(Stat { start, is_zombie })
    }
}

/// Linux allows ids up to 2^22.
const PID_BITS: u32 = 22;
const PID: u64 = (1 << PID_BITS) - 1;
static ME: AtomicU64 = AtomicU64::new(0);
static AT_FORK: Once = Once::new();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zombie_and_a_later_process_with_its_id_are_not_it() {
        assert!(is_alive(me()));
        assert_eq!(me() & PID, u64::from(std::process::id()));
        assert!(!is_alive(me() + (1 << PID_BITS)));
        let mut child = std::process::Command::new("/bin/cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let pid = child.id();
        let owner = Stat::of(pid.cast_signed()).unwrap().start << PID_BITS | u64::from(pid);
        assert!(is_alive(owner));
        process::kill(pid.cast_signed(), libc::SIGKILL).unwrap();
        while is_alive(owner) {
            std::thread::yield_now();
        }
        child.wait().unwrap();
        assert!(!is_alive(owner));
    }
}
