//! When a worker asks for its successor, and what it says at its end.

use std::cell::RefCell;

use crate::{
    ledger::Kind,
    options::{MemoryLimit, MemoryOptions},
    reactor::{Key, Source, Token},
    server::Log,
    sys::memory,
    zend::process::heap_size,
};

use super::super::engine::{Engine, ledger};

/// A worker's watch over its own size, and why it goes.
pub(super) struct Recycling {
    options: MemoryOptions,
    /// Why a successor was asked for.
    why: RefCell<Option<String>>,
}

impl Recycling {
    pub(super) fn new(options: MemoryOptions) -> Recycling {
        Recycling { options, why: RefCell::default() }
    }

    /// Notes the reason; the first one is the one that counts.
    pub(super) fn note(&self, why: String) {
        self.why.borrow_mut().get_or_insert(why);
    }

    /// Begins to watch: a worker that has just started, and whose `onWorkerStart` has run. One that is
    /// too large already would be replaced for ever, so it is not watched.
    pub(super) fn begin(&self, engine: &Engine, log: &Log) {
        let Some((limit, used)) = self.measure() else { return };
        if used > limit {
            let (used, limit) = (used.div_ceil(1024), limit.div_ceil(1024));
            return log.warning(format_args!(
                "max_memory has no effect: a worker that has just started uses {used} KiB, more than \
                 the {limit} KiB allowed"
            ));
        }
        self.arm(engine);
    }

    /// The interval is over: what is used and what is allowed, if that is less.
    pub(super) fn look(&self, engine: &Engine) -> Option<(u64, u64)> {
        let (limit, used) = self.measure()?;
        if used > limit {
            return Some((used, limit));
        }
        self.arm(engine);
        None
    }

    /// Says why the worker goes, what of the ledger is left of it, and what it did: `deeds`.
    pub(super) fn report(&self, log: &Log, deeds: &str) {
        let Some(why) = self.why.take() else { return };
        let rows = ledger().rows();
        let left = rows.iter().filter(|row| row.entry.kind != Kind::Server).count();
        let resident = memory::rss().div_ceil(1024);
        log.info(format_args!(
            "ends: {why}; {resident} KiB resident, {left} rows of the ledger left; {deeds}"
        ));
    }

    fn measure(&self) -> Option<(u64, u64)> {
        Some(match self.options.limit? {
            MemoryLimit::Heap(limit) => (limit, heap_size()),
            MemoryLimit::Resident(limit) => (limit, memory::rss()),
        })
    }

    fn arm(&self, engine: &Engine) {
        let at = engine.reactor.refresh_now() + self.options.interval;
        engine.reactor.timers().borrow_mut().insert(at, look_token());
    }
}

/// What the watch's timer is called: the channel's is the end of `max_wait_time`.
pub(super) fn look_token() -> Token {
    Token::new(Source::Channel, Key::fixed(1))
}
