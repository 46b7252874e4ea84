//! What `Event::defer` and `Event::cycle` gave the loop.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};

use crate::{
    ledger::{Kind, Number, RowId},
    reactor::Driver,
    zend::Callback,
};

use super::engine::{Engine, ledger, open_row};

/// The deferred callbacks in their order, and the two that run in each turn.
#[derive(Default)]
pub(super) struct Deferred {
    queue: RefCell<VecDeque<(Callback, RowId)>>,
    before: Cycle,
    after: Cycle,
}

#[derive(Default)]
struct Cycle {
    held: RefCell<Option<(Callback, RowId)>>,
    /// The row whose callback runs: it is closed when that has returned.
    running: Cell<Number>,
}

impl Deferred {
    /// Calls it after the events of this turn; in a deferred callback: of the next one.
    pub(super) fn defer(&self, callback: Callback) {
        let row = open_row(Kind::Defer, callback.value(), "waiting");
        self.queue.borrow_mut().push_back((callback, row));
    }

    /// How many wait to be called once.
    pub(super) fn len(&self) -> usize {
        self.queue.borrow().len()
    }

    /// Whether one that is younger than that row waits to be called once.
    pub(super) fn has_waiting_since(&self, row: Number) -> bool {
        self.queue.borrow().iter().any(|(_, waiting)| waiting.number() > row)
    }

    /// Calls those that wait now.
    pub(super) fn run(&self, engine: &Engine) {
        for _ in 0..self.len() {
            if engine.stopped() {
                return;
            }
            let next = self.queue.borrow_mut().pop_front();
            let Some((callback, row)) = next else { return };
            ledger().set_state(row, "running");
            engine.call(row.number(), callback, []);
            ledger().close(row);
        }
    }

    /// Sets, replaces or (`None`) removes what runs in each turn. Whether one stood there.
    pub(super) fn set_cycle(&self, callback: Option<Callback>, before: bool) -> bool {
        let new = callback.map(|callback| {
            let row = open_row(Kind::Defer, callback.value(), "cycle");
            (callback, row)
        });
        let cycle = self.cycle_of(before);
        let old = cycle.held.replace(new);
        let stood = old.is_some();
        cycle.release(old);
        stood
    }

    /// Whether something runs in each turn.
    pub(super) fn has_cycle(&self, before: bool) -> bool {
        self.cycle_of(before).held.borrow().is_some()
    }

    /// Calls what runs in each turn.
    pub(super) fn cycle(&self, engine: &Engine, before: bool) {
        let cycle = self.cycle_of(before);
        let held = cycle.held.borrow().clone();
        let Some((callback, row)) = held else { return };
        cycle.running.set(row.number());
        engine.call(row.number(), callback, []);
        cycle.running.set(0);
        let stands = cycle.held.borrow().as_ref().is_some_and(|(_, now)| *now == row);
        if !stands {
            ledger().close(row);
        }
    }

    /// The rows of all.
    pub(super) fn rows(&self) -> Vec<Number> {
        let mut rows: Vec<_> = self.queue.borrow().iter().map(|(_, row)| row.number()).collect();
        for cycle in [&self.before, &self.after] {
            rows.extend(cycle.held.borrow().iter().map(|(_, row)| row.number()));
        }
        rows
    }

    /// Drops the one with that row.
    pub(super) fn release(&self, number: Number) {
        let queued = {
            let mut queue = self.queue.borrow_mut();
            let at = queue.iter().position(|(_, row)| row.number() == number);
            at.and_then(|at| queue.remove(at))
        };
        if let Some((callback, row)) = queued {
            drop(callback);
            ledger().close(row);
            return;
        }
        for cycle in [&self.before, &self.after] {
            let held = cycle.held.borrow_mut().take_if(|(_, row)| row.number() == number);
            cycle.release(held);
        }
    }

    fn cycle_of(&self, before: bool) -> &Cycle {
        if before { &self.before } else { &self.after }
    }
}

impl Cycle {
    fn release(&self, held: Option<(Callback, RowId)>) {
        let Some((callback, row)) = held else { return };
        drop(callback);
        if self.running.get() != row.number() {
            ledger().close(row);
        }
    }
}
