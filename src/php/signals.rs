//! What `Process::signal` gave the loop: a callback a signal, called as an event.
//!
//! In a plain process the signals are taken over here. A server's process has taken its own already,
//! and takes further ones over for us ([`Part::take_signal`](super::engine::Part::take_signal)).

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    io,
};

use crate::{
    ledger::{Kind, Number, RowId},
    reactor::{Interest, Key, Source, Token},
    sys::signal,
    zend::Callback,
};

use super::engine::{Engine, ledger, open_row};

/// The signals of this process that PHP handles.
#[derive(Default)]
pub(super) struct Signals {
    handlers: RefCell<BTreeMap<i32, (Callback, RowId)>>,
    /// Of a plain process. A signal whose callback was removed stays taken, so that its default
    /// action does not come back while the loop runs.
    own: RefCell<Option<signal::Signals>>,
    /// Those that a server's process has taken over for us, one bit each.
    lent: Cell<u64>,
    /// The descriptor of `own` was ready.
    signalled: Cell<bool>,
    /// Arrived and not told yet.
    arrived: RefCell<VecDeque<i32>>,
    /// The row whose callback runs: it is closed when that has returned.
    running: Cell<Number>,
}

impl Signals {
    /// How many have a callback.
    pub(super) fn len(&self) -> usize {
        self.handlers.borrow().len()
    }

    /// The rows of all.
    pub(super) fn rows(&self) -> Vec<Number> {
        self.handlers.borrow().values().map(|(_, row)| row.number()).collect()
    }

    /// Calls `callback` when the signal arrives, in place of the callback that stood there.
    ///
    /// # Errors
    /// `EINVAL` for what is no signal or cannot be handled, `AlreadyExists` for one that a server
    /// needs itself.
    pub(super) fn set(&self, engine: &Engine, signo: i32, callback: Callback) -> io::Result<()> {
        self.take(engine, signo)?;
        let row = open_row(Kind::Signal, callback.value(), "waiting");
        let old = self.handlers.borrow_mut().insert(signo, (callback, row));
        self.let_go(old);
        Ok(())
    }

    /// Removes the callback. `false`: there is none.
    pub(super) fn remove(&self, signo: i32) -> bool {
        let old = self.handlers.borrow_mut().remove(&signo);
        let stood = old.is_some();
        self.let_go(old);
        stood
    }

    /// Drops the callback with that row.
    pub(super) fn release(&self, number: Number) {
        let signo = {
            let handlers = self.handlers.borrow();
            let mut all = handlers.iter();
            all.find(|(_, (_, row))| row.number() == number).map(|(signo, _)| *signo)
        };
        if let Some(signo) = signo {
            self.remove(signo);
        }
    }

    /// The signals' descriptor is ready.
    pub(super) fn handle_ready(&self) {
        self.signalled.set(true);
    }

    /// A signal has arrived at a server's process.
    pub(super) fn handle_arrived(&self, signo: i32) {
        if self.handlers.borrow().contains_key(&signo) {
            self.arrived.borrow_mut().push_back(signo);
        }
    }

    /// Whether one waits to be told in the next turn.
    pub(super) fn has_arrived(&self) -> bool {
        !self.arrived.borrow().is_empty()
    }

    /// Whether [`run`](Self::run) has something to do.
    pub(super) fn has_any(&self) -> bool {
        self.signalled.get() || self.has_arrived()
    }

    /// Tells of one signal, as the classic loop does in a turn.
    pub(super) fn run(&self, engine: &Engine) {
        if self.signalled.take() {
            let drained: Vec<i32> = match &*self.own.borrow() {
                Some(own) => own.drain().collect(),
                None => Vec::new(),
            };
            drained.into_iter().for_each(|signo| self.handle_arrived(signo));
        }
        let Some(signo) = self.arrived.borrow_mut().pop_front() else { return };
        let handler = self.handlers.borrow().get(&signo).cloned();
        let Some((callback, row)) = handler else { return };
        ledger().set_state(row, "running");
        let outer = self.running.replace(row.number());
        engine.call(row.number(), callback, [signo.into()]);
        self.running.set(outer);
        let stands = self.handlers.borrow().get(&signo).is_some_and(|(_, now)| *now == row);
        if stands {
            ledger().set_state(row, "waiting");
        } else {
            ledger().close(row);
        }
    }

    /// The loop has ended and nothing is handled any more: every signal gets the disposition back
    /// that it had before.
    pub(super) fn give_back(&self, engine: &Engine) {
        if self.len() == 0 {
            self.suspend(engine);
        }
    }

    /// Gives the signals up, so that a server can take them over; callbacks stay.
    pub(super) fn suspend(&self, engine: &Engine) {
        let own = self.own.take();
        if let Some(own) = &own {
            engine.reactor.deregister(own);
        }
        self.signalled.set(false);
    }

    /// Takes the signals over again, after a server has come or gone, or after a fork that replaced
    /// this process. One that a server needs itself is not told until that has ended.
    pub(super) fn resume(&self, engine: &Engine) {
        self.lent.set(0);
        let handled: Vec<i32> = self.handlers.borrow().keys().copied().collect();
        for signo in handled {
            let _ = self.take(engine, signo);
        }
    }

    /// Whether a server's process has taken it over for us.
    pub(super) fn is_lent(&self, signo: i32) -> bool {
        self.lent.get() & bit_of(signo) != 0
    }

    fn take(&self, engine: &Engine, signo: i32) -> io::Result<()> {
        if let Some(part) = engine.part() {
            if !self.is_lent(signo) {
                part.take_signal(signo)?;
                self.lent.set(self.lent.get() | bit_of(signo));
            }
            return Ok(());
        }
        if let Some(own) = &*self.own.borrow() {
            return own.add(signo);
        }
        let own = signal::Signals::new(&[signo])?;
        let token = Token::new(Source::Signal, Key::fixed(0));
        engine.reactor.register(&own, token, Interest::READABLE)?;
        self.own.replace(Some(own));
        Ok(())
    }

    fn let_go(&self, handler: Option<(Callback, RowId)>) {
        let Some((callback, row)) = handler else { return };
        drop(callback);
        if self.running.get() != row.number() {
            ledger().close(row);
        }
    }
}

/// 0 for what is no signal.
fn bit_of(signo: i32) -> u64 {
    let place = u32::try_from(signo - 1).ok();
    place.and_then(|place| 1_u64.checked_shl(place)).unwrap_or(0)
}
