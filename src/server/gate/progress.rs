//! How far each worker is with what the I/O threads have sent it, in memory that all share.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::super::stats::LANES;
use crate::sys::shared::Counters;

/// The counters: three for each I/O thread and each worker that can live at the same time. Made
/// before the first fork. Cheap to clone, in threads too; all clones are the same counters.
#[derive(Clone, Debug)]
pub struct Progress {
    counters: Arc<Counters>,
    threads: usize,
}

/// One worker's counters for one thread, and where they stood when the link was made.
#[derive(Clone, Debug)]
pub(in super::super) struct Counter {
    progress: Progress,
    place: usize,
    base: u64,
}

/// A cache line, so that workers do not slow each other down.
const WIDTH: usize = 8;
const SENT: usize = 0;
const BEGUN: usize = 1;
const DONE: usize = 2;

impl Progress {
    /// Counters for `threads` threads and `workers` workers (task workers included), all 0.
    ///
    /// # Errors
    /// When the system gives no memory.
    pub fn new(threads: usize, workers: usize) -> io::Result<Progress> {
        let words = threads * workers * LANES * WIDTH;
        Ok(Progress { counters: Arc::new(Counters::new(words)?), threads })
    }

    /// How many threads there are.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// The counters of a link that is made now; both ends ask before the first frame.
    pub(in super::super) fn counter(&self, thread: usize, worker: usize, lane: usize) -> Counter {
        let place = ((worker * LANES + lane) * self.threads + thread) * WIDTH;
        let counter = Counter { progress: self.clone(), place, base: 0 };
        let base = counter.word(BEGUN).map_or(0, |begun| begun.load(Ordering::Acquire));
        for column in [SENT, DONE] {
            if let Some(word) = counter.word(column) {
                word.store(base, Ordering::Release);
            }
        }
        Counter { base, ..counter }
    }
}

impl Counter {
    /// Thread: a frame was queued.
    pub(super) fn sent(&self) {
        self.add(SENT);
    }

    /// Worker: the next frame is being worked on.
    pub(in super::super) fn begin(&self) {
        self.add(BEGUN);
    }

    /// Worker: what it led to at once is done.
    pub(in super::super) fn done(&self) {
        self.add(DONE);
    }

    /// Frames begun on this link.
    pub(super) fn begun(&self) -> u64 {
        self.read(self.place + BEGUN).saturating_sub(self.base)
    }

    /// Frames of all threads that this worker has not done.
    pub(super) fn load(&self) -> u64 {
        let row = self.progress.threads * WIDTH;
        let first = self.place / row * row;
        let threads = (first..first + row).step_by(WIDTH);
        threads.map(|at| self.read(at + SENT).saturating_sub(self.read(at + DONE))).sum()
    }

    fn add(&self, column: usize) {
        if let Some(word) = self.word(column) {
            // Each word has one writer, so that a load and a store do.
            word.store(word.load(Ordering::Relaxed) + 1, Ordering::Release);
        }
    }

    fn word(&self, column: usize) -> Option<&AtomicU64> {
        self.progress.counters.get(self.place + column)
    }

    fn read(&self, at: usize) -> u64 {
        self.progress.counters.get(at).map_or(0, |word| word.load(Ordering::Acquire))
    }
}
