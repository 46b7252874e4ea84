//! A lock of two words in shared memory that outlives its owner.

use std::{
    hint,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use crate::sys::{futex, owner, owner::Owner};

/// Tells the time; the layer reads no clock of its own.
pub type Clock = fn() -> Instant;

/// The lock was not free in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout;

/// A lock on two words of shared memory: the first holds its [`Owner`] or 0, the second is 1 while
/// somebody sleeps. Both 0 at the start.
#[derive(Clone, Copy, Debug)]
pub struct Lock<'m> {
    owner: &'m AtomicU64,
    sleepers: &'m AtomicU64,
}

/// The held lock; dropped, it is free again.
#[derive(Debug)]
#[must_use]
pub struct Guard<'m> {
    lock: Lock<'m>,
    /// The owner that died with the lock: what it guards may be half changed.
    pub dead: Option<Owner>,
}

impl<'m> Lock<'m> {
    /// The lock on these words.
    #[inline]
    pub fn new(owner: &'m AtomicU64, sleepers: &'m AtomicU64) -> Lock<'m> {
        Lock { owner, sleepers }
    }

    /// Waits for the lock, however long; takes it over from a dead owner.
    #[inline]
    pub fn lock(self) -> Guard<'m> {
        let dead = if self.take() { None } else { self.wait_for() };
        Guard { lock: self, dead }
    }

    /// Takes the lock if it is free or its owner dead.
    pub fn try_lock(self) -> Option<Guard<'m>> {
        let dead = if self.take() { None } else { Some(self.take_over()?) };
        Some(Guard { lock: self, dead })
    }

    /// Takes the lock if it is free or its owner dead, until [`unlock`](Self::unlock). For locks
    /// that are held beyond one function.
    pub fn try_hold(self) -> bool {
        self.take() || self.take_over().is_some()
    }

    /// Waits until `deadline` at most (`None`: for ever), else like [`try_hold`](Self::try_hold).
    ///
    /// # Errors
    /// [`Timeout`].
    pub fn hold(self, deadline: Option<Instant>, clock: Clock) -> Result<(), Timeout> {
        loop {
            if self.try_hold() {
                return Ok(());
            }
            let mut time = CHECK;
            if let Some(deadline) = deadline {
                let left = deadline.saturating_duration_since(clock());
                if left.is_zero() {
                    return Err(Timeout);
                }
                time = time.min(left);
            }
            self.sleep(time);
        }
    }

    /// Frees the lock, whoever owns it.
    #[inline]
    pub fn unlock(self) {
        self.owner.store(0, Ordering::SeqCst);
        if self.sleepers.load(Ordering::SeqCst) != 0 {
            self.sleepers.store(0, Ordering::SeqCst);
            futex::wake(self.sleepers, u32::MAX);
        }
    }

    /// Who holds it; 0: nobody.
    #[inline]
    pub fn owner(self) -> Owner {
        self.owner.load(Ordering::SeqCst)
    }

    #[inline]
    fn take(self) -> bool {
        let (free, me) = (0, owner::me());
        self.owner.compare_exchange(free, me, Ordering::SeqCst, Ordering::Relaxed).is_ok()
    }

    /// The dead owner whose lock this process has now; `None`: it lives, or somebody was faster.
    fn take_over(self) -> Option<Owner> {
        let dead = self.owner();
        if dead == 0 || dead == owner::me() || owner::is_alive(dead) {
            return None;
        }
        let taken =
            self.owner.compare_exchange(dead, owner::me(), Ordering::SeqCst, Ordering::SeqCst);
        taken.ok()
    }

    #[cold]
    fn wait_for(self) -> Option<Owner> {
        loop {
            for _ in 0..SPINS {
                hint::spin_loop();
                if self.owner.load(Ordering::Relaxed) == 0 && self.take() {
                    return None;
                }
            }
            // Only who has slept in vain asks the system about the owner.
            if self.sleep(CHECK) == futex::Wait::TimedOut {
                let dead = self.take_over();
                if dead.is_some() {
                    return dead;
                }
            }
        }
    }

    fn sleep(self, time: Duration) -> futex::Wait {
        self.sleepers.store(1, Ordering::SeqCst);
        if self.owner() == 0 {
            return futex::Wait::Changed;
        }
        futex::wait(self.sleepers, 1, Some(time))
    }
}

impl Drop for Guard<'_> {
    #[inline]
    fn drop(&mut self) {
        self.lock.unlock();
    }
}

const SPINS: u32 = 200;
/// How long a sleeper waits before it asks whether the owner lives.
const CHECK: Duration = Duration::from_millis(20);

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "real waits take real time")]
mod tests {
    use super::*;
    use crate::sys::shared::Counters;
    use std::{sync::Arc, thread};

    #[test]
    fn threads_exclude_each_other() {
        let map = Arc::new(Counters::new(3).unwrap());
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let map = Arc::clone(&map);
                thread::spawn(move || {
                    for _ in 0..20_000 {
                        let _held = Lock::new(&map[0], &map[1]).lock();
                        let seen = map[2].load(Ordering::Relaxed);
                        map[2].store(seen + 1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(map[2].load(Ordering::Relaxed), 80_000);
        assert_eq!(map[0].load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_dead_owner_loses_its_lock() {
        let map = Counters::new(2).unwrap();
        let nobody = owner::me() + (1 << 30);
        map[0].store(nobody, Ordering::SeqCst);
        let lock = Lock::new(&map[0], &map[1]);
        assert_eq!(lock.lock().dead, Some(nobody));
        assert_eq!(lock.owner(), 0);
        map[0].store(nobody, Ordering::SeqCst);
        assert!(lock.try_hold());
        assert!(!lock.try_hold());
        let soon = Some(Instant::now() + Duration::from_millis(3));
        assert_eq!(lock.hold(soon, Instant::now), Err(Timeout));
        lock.unlock();
        assert_eq!(lock.hold(soon, Instant::now), Ok(()));
    }
}
