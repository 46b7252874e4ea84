//! Who is at which task, in memory that all processes of a server share.

use std::{
    cell::Cell,
    io,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
};

use super::stats::LANES;
use crate::sys::shared::Counters;

/// The task workers' rows. Made before the first fork; clones are the same board.
#[derive(Clone, Debug)]
pub struct TaskBoard {
    counters: Rc<Counters>,
    count: usize,
    /// Where the last search for an idle task worker ended, in this process.
    turn: Rc<Cell<usize>>,
}

/// A task as its asker knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskId {
    /// The number of the asker's box.
    pub from: u16,
    /// The asker's number for the task.
    pub number: u64,
    /// The asker's process.
    pub generation: u64,
}

/// A row fills a cache line: tasks posted and not ended, then what each lane is at.
const WIDTH: usize = 8;
const LANE: usize = 3;

impl TaskBoard {
    /// Rows for so many task workers.
    ///
    /// # Errors
    /// When the system gives no memory.
    pub fn new(count: usize) -> io::Result<TaskBoard> {
        let counters = Rc::new(Counters::new(count * WIDTH)?);
        Ok(TaskBoard { counters, count, turn: Rc::default() })
    }

    /// Task workers.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Who gets the next task: an idle task worker, else the one with the fewest waiting; in turn
    /// among equals.
    #[must_use]
    pub fn choose(&self) -> usize {
        let first = self.turn.get() + 1;
        let candidates = (first..first + self.count).map(|n| n % self.count.max(1));
        let chosen = candidates.min_by_key(|&task_worker| self.waiting(task_worker)).unwrap_or(0);
        self.turn.set(chosen);
        chosen
    }

    /// A task was posted to that task worker.
    pub fn posted(&self, task_worker: usize) {
        if let Some(pending) = self.at(task_worker, 0) {
            pending.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A task of that task worker has ended, or was not posted after all.
    pub fn ended(&self, task_worker: usize) {
        if let Some(pending) = self.at(task_worker, 0) {
            let less = |n: u64| n.checked_sub(1);
            let _ = pending.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        }
    }

    /// The process in that lane begins a task: should it die, its asker can be told.
    pub fn begin(&self, task_worker: usize, lane: usize, task: TaskId) {
        let base = 1 + lane * LANE;
        let cells = [base, base + 1, base + 2].map(|column| self.at(task_worker, column));
        if let [Some(from), Some(number), Some(generation)] = cells {
            number.store(task.number, Ordering::Relaxed);
            generation.store(task.generation, Ordering::Relaxed);
            from.store(u64::from(task.from) + 1, Ordering::Release);
        }
    }

    /// The process in that lane has answered its task, or ended it without an answer.
    pub fn answered(&self, task_worker: usize, lane: usize) {
        if let Some(from) = self.at(task_worker, 1 + lane * LANE) {
            from.store(0, Ordering::Release);
        }
    }

    /// The task that the dead process in that lane was at; told once.
    pub(super) fn take_lost(&self, task_worker: usize, lane: usize) -> Option<TaskId> {
        let base = 1 + lane * LANE;
        let from = self.at(task_worker, base)?.swap(0, Ordering::Acquire);
        let number = self.at(task_worker, base + 1)?.load(Ordering::Relaxed);
        let generation = self.at(task_worker, base + 2)?.load(Ordering::Relaxed);
        let from = u16::try_from(from.checked_sub(1)?).ok()?;
        self.ended(task_worker);
        Some(TaskId { from, number, generation })
    }

    /// Tasks that wait or run, of all task workers.
    #[must_use]
    pub fn tasking(&self) -> u64 {
        (0..self.count).map(|task_worker| self.waiting(task_worker)).sum()
    }

    fn waiting(&self, task_worker: usize) -> u64 {
        self.at(task_worker, 0).map_or(0, |pending| pending.load(Ordering::Relaxed))
    }

    fn at(&self, task_worker: usize, column: usize) -> Option<&AtomicU64> {
        const { assert!(LANES * LANE < WIDTH) };
        self.counters.get(task_worker * WIDTH + column).filter(|_| task_worker < self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_task_workers_go_first_and_then_the_shortest_queue() {
        let board = TaskBoard::new(3).unwrap();
        let mut chosen = Vec::new();
        for _ in 0..6 {
            let task_worker = board.choose();
            board.posted(task_worker);
            chosen.push(task_worker);
        }
        assert_eq!((chosen, board.tasking()), (vec![1, 2, 0, 1, 2, 0], 6));
        board.ended(2);
        assert_eq!(board.choose(), 2);
        assert_eq!(TaskBoard::new(0).unwrap().choose(), 0);
    }

    #[test]
    fn the_task_of_a_dead_process_is_told_once() {
        let board = TaskBoard::new(2).unwrap();
        let task = TaskId { from: 0, number: 0, generation: 7 };
        board.posted(1);
        board.begin(1, 1, task);
        assert_eq!(board.take_lost(1, 0), None);
        assert_eq!((board.take_lost(1, 1), board.tasking()), (Some(task), 0));
        assert_eq!(board.take_lost(1, 1), None);
        board.begin(1, 0, task);
        board.answered(1, 0);
        assert_eq!(board.take_lost(1, 0), None);
        board.ended(1);
        assert_eq!(board.tasking(), 0);
    }
}
