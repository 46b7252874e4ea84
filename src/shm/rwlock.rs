//! A lock of many readers or one writer that outlives all of them.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use crate::sys::{futex, owner, shared::Counters};

use super::lock::{Clock, Guard, Lock, Timeout};

/// One writer or up to 508 readers, each known by its process: the locks of the dead are
/// free. Words: guard, its sleepers, the writer, a count of what was freed, the readers. Each change
/// is one store under the guard, so the guard's own owner may die as well.
#[derive(Debug)]
pub struct RwLock {
    map: Counters,
}

impl RwLock {
    /// Maps a free lock.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub fn new() -> io::Result<RwLock> {
        Ok(RwLock { map: Counters::new(FIRST + READERS)? })
    }

    /// Takes it for writing, until `deadline` at most (`None`: for ever).
    ///
    /// # Errors
    /// [`Timeout`].
    pub fn write(&self, deadline: Option<Instant>, clock: Clock) -> Result<(), Timeout> {
        self.wait(deadline, clock, RwLock::try_write)
    }

    /// Takes it for reading; a process may do so several times.
    ///
    /// # Errors
    /// [`Timeout`].
    pub fn read(&self, deadline: Option<Instant>, clock: Clock) -> Result<(), Timeout> {
        self.wait(deadline, clock, RwLock::try_read)
    }

    /// Takes it for writing if nobody has it.
    pub fn try_write(&self) -> bool {
        let _guard = self.guard();
        if !self.has_no_writer() {
            return false;
        }
        for reader in self.readers() {
            let holder = reader.load(Ordering::SeqCst);
            if holder != 0 {
                if owner::is_alive(holder) {
                    return false;
                }
                reader.store(0, Ordering::SeqCst);
            }
        }
        self.word(WRITER).store(owner::me(), Ordering::SeqCst);
        true
    }

    /// Takes it for reading if nobody writes and a reader's place is free.
    pub fn try_read(&self) -> bool {
        let _guard = self.guard();
        if !self.has_no_writer() {
            return false;
        }
        let free = self.readers().iter().find(|reader| {
            let holder = reader.load(Ordering::SeqCst);
            holder == 0
        });
        let dead =
            || self.readers().iter().find(|reader| !owner::is_alive(reader.load(Ordering::SeqCst)));
        let Some(place) = free.or_else(dead) else { return false };
        place.store(owner::me(), Ordering::SeqCst);
        true
    }

    /// Whether this process writes.
    pub fn is_mine(&self) -> bool {
        self.word(WRITER).load(Ordering::SeqCst) == owner::me()
    }

    /// Whether this process reads.
    pub fn is_read_by_me(&self) -> bool {
        let me = owner::me();
        self.readers().iter().any(|reader| reader.load(Ordering::SeqCst) == me)
    }

    /// Gives back what this process took last; `false`: it has nothing.
    pub fn unlock(&self) -> bool {
        let guard = self.guard();
        let me = owner::me();
        let mine = if self.is_mine() {
            Some(self.word(WRITER))
        } else {
            self.readers().iter().rev().find(|reader| reader.load(Ordering::SeqCst) == me)
        };
        let Some(mine) = mine else { return false };
        mine.store(0, Ordering::SeqCst);
        drop(guard);
        self.word(FREED).fetch_add(1, Ordering::SeqCst);
        futex::wake(self.word(FREED), u32::MAX);
        true
    }

    fn wait(
        &self,
        deadline: Option<Instant>,
        clock: Clock,
        take: fn(&RwLock) -> bool,
    ) -> Result<(), Timeout> {
        loop {
            let freed = self.word(FREED).load(Ordering::SeqCst);
            if take(self) {
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
            #[expect(clippy::cast_possible_truncation, reason = "the kernel compares this half")]
            futex::wait(self.word(FREED), freed as u32, Some(time));
        }
    }

    fn has_no_writer(&self) -> bool {
        let writer = self.word(WRITER).load(Ordering::SeqCst);
        writer == 0 || (writer != owner::me() && !owner::is_alive(writer))
    }

    fn guard(&self) -> Guard<'_> {
        Lock::new(self.word(0), self.word(1)).lock()
    }

    fn readers(&self) -> &[AtomicU64] {
        self.map.get(FIRST..).unwrap_or_default()
    }

    #[expect(clippy::indexing_slicing, reason = "the first words of the map")]
    fn word(&self, at: usize) -> &AtomicU64 {
        &self.map[at]
    }
}

/// How many may read at a time: what fits into the page.
const READERS: usize = 508;
const WRITER: usize = 2;
const FREED: usize = 3;
const FIRST: usize = 4;
/// How long a sleeper waits before it asks whether the holders live.
const CHECK: Duration = Duration::from_millis(20);

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "real waits take real time")]
mod tests {
    use super::*;

    #[test]
    fn readers_share_writers_do_not_and_the_dead_hold_nothing() {
        let lock = RwLock::new().unwrap();
        assert!(!lock.unlock());
        assert!(lock.try_read());
        assert!(lock.try_read());
        assert!(!lock.try_write());
        assert!(lock.unlock());
        assert!(!lock.try_write());
        assert!(lock.unlock());
        assert!(lock.try_write());
        assert!(lock.is_mine());
        assert!(!lock.try_read());
        let soon = Some(Instant::now() + Duration::from_millis(3));
        assert_eq!(lock.read(soon, Instant::now), Err(Timeout));
        assert!(lock.unlock());
        assert!(!lock.unlock());
        let dead = owner::me() + (1 << 30);
        lock.word(WRITER).store(dead, Ordering::SeqCst);
        for reader in lock.readers() {
            reader.store(dead, Ordering::SeqCst);
        }
        assert!(lock.try_read());
        assert!(!lock.try_write());
        assert!(lock.unlock());
        assert_eq!(lock.write(None, Instant::now), Ok(()));
    }
}
