//! Which places a server has: one for each event worker, task worker and user process.

use super::Role;

/// How many of each kind. The places are numbered through, in this order; PHP knows the numbers as
/// worker ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Crew {
    /// Event workers.
    pub workers: usize,
    /// Task workers.
    pub task_workers: usize,
    /// User processes.
    pub user_processes: usize,
}

impl Crew {
    /// All places.
    #[must_use]
    pub fn len(self) -> usize {
        self.workers + self.task_workers + self.user_processes
    }

    /// No place at all.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Who takes that place; what lies beyond the last one counts as a user process.
    #[must_use]
    pub fn role(self, slot: usize) -> Role {
        if slot < self.workers {
            Role::Worker
        } else if slot < self.workers + self.task_workers {
            Role::TaskWorker
        } else {
            Role::UserProcess
        }
    }

    /// Event workers and task workers: the processes that have `onWorkerStart` and receive
    /// messages.
    #[must_use]
    pub fn all_workers(self) -> usize {
        self.workers + self.task_workers
    }

    /// The number of a task worker among its kind.
    #[must_use]
    pub fn task_worker(self, slot: usize) -> Option<usize> {
        (self.role(slot) == Role::TaskWorker).then(|| slot - self.workers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_through() {
        let crew = Crew { workers: 2, task_workers: 1, user_processes: 1 };
        let roles: Vec<_> = (0..crew.len()).map(|slot| crew.role(slot)).collect();
        assert_eq!(roles, [Role::Worker, Role::Worker, Role::TaskWorker, Role::UserProcess]);
        assert_eq!((crew.task_worker(1), crew.task_worker(2)), (None, Some(0)));
        assert_eq!(crew.all_workers(), 3);
    }
}
