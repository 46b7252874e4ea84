//! The end of a loop: everything that the engine holds goes, the youngest row first (contract F4).

use crate::{ledger::Number, reactor::Key};

use super::Engine;

impl Engine {
    /// Releases everything that the engine holds, the youngest row first. What destructors start
    /// meanwhile goes too; one that always starts something new is left to request shutdown.
    pub(in crate::php) fn release_all(&self) {
        const ROUNDS: u32 = 16;
        if self.is_copy() {
            return;
        }
        for _ in 0..ROUNDS {
            let mut held = self.held();
            if held.is_empty() {
                break;
            }
            held.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
            for (number, held) in held {
                self.release(number, held);
                self.report_pending();
            }
            self.release_ended();
        }
        self.loose.take();
        self.signals.give_back(self);
    }

    /// Every reference of the engine, by the number of its row.
    fn held(&self) -> Vec<(Number, Held)> {
        let clients = self.tethers.borrow();
        let mut held: Vec<_> =
            clients.iter().map(|(key, t)| (t.row.number(), Held::Client(key))).collect();
        held.extend(self.timers.rows().into_iter().map(|(row, key)| (row, Held::Timer(key))));
        held.extend(self.watchers.rows().into_iter().map(|(row, key)| (row, Held::Watcher(key))));
        held.extend(self.asked.rows().into_iter().map(|row| (row, Held::Task)));
        held.extend(self.deferred.rows().into_iter().map(|row| (row, Held::Deferred)));
        held.extend(self.jobs.rows().into_iter().map(|(row, key)| (row, Held::Job(key))));
        held.extend(self.signals.rows().into_iter().map(|row| (row, Held::Signal)));
        held
    }

    fn release(&self, number: Number, held: Held) {
        match held {
            Held::Client(key) => {
                let Some(tether) = self.tethers.borrow_mut().remove(key) else { return };
                let waiting = (tether.as_client)(&tether.object).map(|client| client.discard(self));
                self.drop_tether(tether);
                drop(waiting);
            }
            Held::Timer(key) => self.timers.release(self, key),
            Held::Watcher(key) => self.watchers.release(self, key),
            Held::Task => self.asked.release(number),
            Held::Deferred => self.deferred.release(number),
            Held::Job(key) => self.jobs.release(self, key),
            Held::Signal => self.signals.release(number),
        }
    }
}

enum Held {
    Client(Key),
    Timer(Key),
    Watcher(Key),
    Task,
    Deferred,
    Job(Key),
    Signal,
}
