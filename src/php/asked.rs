//! The tasks that this process waits for, and the callbacks that `task()` was given for them.

use std::{cell::RefCell, collections::HashMap};

use crate::{
    ledger::{Kind, Number, RowId},
    zend::Callback,
};

use super::engine::{ledger, open_row};

/// A task's callback, with its row; `None`: onFinish is told.
pub(super) type Told = Option<(Callback, RowId)>;

/// By the tasks' numbers, which are never used again in a process.
#[derive(Default)]
pub(super) struct Asked {
    tasks: RefCell<HashMap<u64, Told>>,
}

impl Asked {
    /// Waits for a task's answer, from now on.
    pub(super) fn insert(&self, task: u64, callback: Option<Callback>) {
        let told = callback.map(|callback| {
            let row = open_row(Kind::Task, callback.value(), "waiting");
            (callback, row)
        });
        self.tasks.borrow_mut().insert(task, told);
    }

    /// The answer is there: whom to tell. `None`: nobody waits for it (any more).
    pub(super) fn take(&self, task: u64) -> Option<Told> {
        self.tasks.borrow_mut().remove(&task)
    }

    /// How many are waited for.
    pub(super) fn len(&self) -> usize {
        self.tasks.borrow().len()
    }

    /// The rows of all callbacks.
    pub(super) fn rows(&self) -> Vec<Number> {
        let tasks = self.tasks.borrow();
        tasks.values().flatten().map(|(_, row)| row.number()).collect()
    }

    /// Drops the callback with that row.
    pub(super) fn release(&self, number: Number) {
        let told = {
            let mut tasks = self.tasks.borrow_mut();
            let is_it = |told: &Told| told.as_ref().is_some_and(|(_, row)| row.number() == number);
            let task = tasks.iter().find(|(_, told)| is_it(told)).map(|(task, _)| *task);
            task.and_then(|task| tasks.remove(&task)).flatten()
        };
        if let Some((callback, row)) = told {
            drop(callback);
            ledger().close(row);
        }
    }
}
