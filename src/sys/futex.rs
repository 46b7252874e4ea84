//! Sleeping on a word of shared memory until another process says so.

use std::{io, sync::atomic::AtomicU64, time::Duration};

/// Why [`wait`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// A [`wake`] reached this waiter.
    Woken,
    /// The word did not hold the expected value; there was no sleep.
    Changed,
    /// The time is over.
    TimedOut,
    /// A signal handler ran.
    Interrupted,
}

/// Sleeps while the lower half of `word` is `expected`, at most `timeout` (`None`: for ever). Works
/// between processes that share the word.
pub fn wait(word: &AtomicU64, expected: u32, timeout: Option<Duration>) -> Wait {
    os::wait(word, expected, timeout)
}

/// Wakes at most `count` waiters of this word; how many it were, where the system tells.
pub fn wake(word: &AtomicU64, count: u32) -> usize {
    os::wake(word, count)
}

#[cfg(target_os = "linux")]
mod os {
    use super::{AtomicU64, Duration, Wait, io};

    pub(super) fn wait(word: &AtomicU64, expected: u32, timeout: Option<Duration>) -> Wait {
        let limit = timeout.map(|time| libc::timespec {
            tv_sec: libc::time_t::try_from(time.as_secs()).unwrap_or(libc::time_t::MAX),
            tv_nsec: time.subsec_nanos().into(),
        });
        let limit: *const libc::timespec = limit.as_ref().map_or(std::ptr::null(), |t| t);
        // SAFETY: the word and the time outlive the call; the kernel only reads them.
        let result =
            unsafe { libc::syscall(libc::SYS_futex, low(word), libc::FUTEX_WAIT, expected, limit) };
        if result == 0 {
            return Wait::Woken;
        }
        match io::Error::last_os_error().raw_os_error() {
            Some(libc::ETIMEDOUT) => Wait::TimedOut,
            Some(libc::EINTR) => Wait::Interrupted,
            _ => Wait::Changed,
        }
    }

    pub(super) fn wake(word: &AtomicU64, count: u32) -> usize {
        let count = count.min(i32::MAX.cast_unsigned());
        // SAFETY: the word is alive; the kernel only takes its address.
        let woken = unsafe { libc::syscall(libc::SYS_futex, low(word), libc::FUTEX_WAKE, count) };
        usize::try_from(woken).unwrap_or(0)
    }

    /// The half that counts in arithmetic on the whole, whatever the byte order.
    fn low(word: &AtomicU64) -> *mut u32 {
        let at = word.as_ptr().cast::<u32>();
        if cfg!(target_endian = "big") { at.wrapping_add(1) } else { at }
    }
}

/// Systems without a futex between processes: the word is looked at every millisecond.
#[cfg(not(target_os = "linux"))]
mod os {
    use super::{AtomicU64, Duration, Wait};
    use std::sync::atomic::Ordering;

    const PAUSE: Duration = Duration::from_millis(1);

    pub(super) fn wait(word: &AtomicU64, expected: u32, timeout: Option<Duration>) -> Wait {
        let mut left = timeout;
        loop {
            if word.load(Ordering::SeqCst) & 0xffff_ffff != u64::from(expected) {
                return Wait::Changed;
            }
            if left.is_some_and(|left| left.is_zero()) {
                return Wait::TimedOut;
            }
            // SAFETY: poll without descriptors touches no memory of ours.
            let _ = unsafe { libc::poll(std::ptr::null_mut(), 0, 1) };
            left = left.map(|left| left.saturating_sub(PAUSE));
        }
    }

    pub(super) fn wake(_word: &AtomicU64, _count: u32) -> usize {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::{Arc, atomic::Ordering},
        thread,
    };

    #[test]
    fn a_waiter_is_woken_or_times_out() {
        let word = Arc::new(AtomicU64::new(7 << 32));
        assert_eq!(wait(&word, 1, None), Wait::Changed);
        assert_eq!(wait(&word, 0, Some(Duration::from_millis(2))), Wait::TimedOut);
        let other = Arc::clone(&word);
        let waiter = thread::spawn(move || {
            while other.load(Ordering::SeqCst) & 1 == 0 {
                wait(&other, 0, None);
            }
        });
        word.fetch_add(1, Ordering::SeqCst);
        wake(&word, 1);
        waiter.join().unwrap();
    }
}
