//! Counters of the whole server, in memory that all its processes share.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use crate::sys::shared::Counters;

/// The counters: one row for each worker that can live at the same time, added up when asked.
/// Made before the first fork. Cheap to clone; all clones are the same counters.
#[derive(Clone, Debug)]
pub struct Stats {
    counters: Arc<Counters>,
    start_time: u64,
}

/// A worker's own row. Only its worker writes to it.
#[derive(Clone, Debug)]
pub struct Row {
    counters: Arc<Counters>,
    base: usize,
}

/// Sums over all workers, dead ones included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// When the server was started, in seconds since 1970.
    pub start_time: u64,
    /// Connections open now.
    pub connection_num: u64,
    /// Connections accepted.
    pub accept_count: u64,
    /// Connections ended.
    pub close_count: u64,
    /// Data events: requests, receives, packets.
    pub request_count: u64,
    /// Bytes that wait in workers and I/O threads: to be sent, or of messages that are not complete.
    pub buffered: u64,
}

/// A worker and the one that it replaces live in one slot for a while.
pub(super) const LANES: usize = 2;

/// A row fills a cache line, so that workers do not slow each other down.
const WIDTH: usize = 8;
const ACCEPTED: usize = 0;
const CLOSED: usize = 1;
const REQUESTS: usize = 2;
const BUFFERED: usize = 3;

impl Stats {
    /// Counters for `worker_num` workers, all 0.
    ///
    /// # Errors
    /// When the system gives no memory.
    pub fn new(worker_num: usize, start_time: SystemTime) -> io::Result<Stats> {
        Ok(Stats {
            counters: Arc::new(Counters::new(worker_num * LANES * WIDTH)?),
            start_time: start_time.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs()),
        })
    }

    /// The row of a worker: `WorkerContext` says which. One outside the table counts for nobody.
    #[must_use]
    pub fn row(&self, worker_id: usize, lane: usize) -> Row {
        Row { counters: Arc::clone(&self.counters), base: (worker_id * LANES + lane) * WIDTH }
    }

    /// Adds everything up.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals { start_time: self.start_time, ..Totals::default() };
        for row in self.counters.chunks_exact(WIDTH) {
            let read = |column: usize| row.get(column).map_or(0, |n| n.load(Ordering::Relaxed));
            totals.close_count += read(CLOSED);
            totals.accept_count += read(ACCEPTED);
            totals.request_count += read(REQUESTS);
            totals.buffered += read(BUFFERED);
        }
        totals.connection_num = totals.accept_count.saturating_sub(totals.close_count);
        totals
    }
}

impl Row {
    /// A connection was accepted.
    pub fn accepted(&self) {
        self.add(ACCEPTED);
    }

    /// A connection that was accepted here belongs to another worker from now on, which has
    /// [`accepted`](Self::accepted) it.
    pub fn moved(&self) {
        if let Some(counter) = self.counter(ACCEPTED) {
            counter.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// A connection ended.
    pub fn closed(&self) {
        self.add(CLOSED);
    }

    /// A data event was delivered.
    pub fn request(&self) {
        self.add(REQUESTS);
    }

    /// Bytes that wait in the worker.
    #[must_use]
    pub fn buffered(&self) -> u64 {
        self.counter(BUFFERED).map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    /// So many bytes wait in the worker.
    pub fn set_buffered(&self, bytes: u64) {
        if let Some(counter) = self.counter(BUFFERED) {
            counter.store(bytes, Ordering::Relaxed);
        }
    }

    /// The worker's process has ended, and its connections with it. The master's to call.
    pub(super) fn bury(&self) {
        if let (Some(accepted), Some(closed)) = (self.counter(ACCEPTED), self.counter(CLOSED)) {
            closed.store(accepted.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        self.set_buffered(0);
    }

    fn add(&self, column: usize) {
        if let Some(counter) = self.counter(column) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn counter(&self, column: usize) -> Option<&AtomicU64> {
        self.counters.get(self.base + column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn rows_add_up_and_a_dead_worker_has_no_connections() {
        let stats = Stats::new(2, UNIX_EPOCH + Duration::from_secs(77)).unwrap();
        let rows = [stats.row(0, 0), stats.row(0, 1), stats.row(1, 0)];
        for row in &rows {
            row.accepted();
            row.accepted();
            row.request();
        }
        rows[0].closed();
        let totals = stats.totals();
        assert_eq!((totals.start_time, totals.accept_count, totals.request_count), (77, 6, 3));
        assert_eq!((totals.connection_num, totals.close_count), (5, 1));
        rows[1].bury();
        assert_eq!((stats.totals().connection_num, stats.totals().close_count), (3, 3));
        rows[2].moved();
        rows[0].accepted();
        rows[2].bury();
        assert_eq!((stats.totals().connection_num, stats.totals().accept_count), (2, 6));
        stats.row(9, 9).accepted();
        assert_eq!(stats.totals().accept_count, 6);
    }
}
