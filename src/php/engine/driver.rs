//! The engine on the loop: who handles which token, and what keeps the loop going.

use crate::reactor::{Driver, Key, Ready, Source, Token};

use super::{Engine, Stop};

impl Driver for Engine {
    #[inline(always)]
    fn cycle(&self, before: bool) {
        if before {
            self.watchers.plan_sweep(self);
        }
        if self.deferred.has_cycle(before) {
            self.deferred.cycle(self, before);
        }
    }

    fn io(&self, token: Token, ready: Ready) {
        match token.source() {
            Some(Source::Client) => {
                self.with_client(token.key(), |client, _| client.handle_ready(self, ready));
                self.pump(token.key());
            }
            Some(Source::Watcher) => self.watchers.handle_ready(self, token.key(), ready),
            Some(Source::Signal) if self.part().is_none() => self.signals.handle_ready(),
            Some(Source::Job) => self.jobs.handle_ready(self, token.key()),
            Some(Source::Waker) if token.key() != Key::fixed(0) => self.jobs.handle_files(self),
            Some(Source::Waker) => loop {
                let answer = self.resolver.borrow_mut().poll_answer(self.reactor.now());
                let Some((asker, ticket, answer)) = answer else { break };
                if asker.source() == Some(Source::Job) {
                    self.jobs.handle_answer(self, asker.key(), answer);
                    continue;
                }
                self.with_client(asker.key(), |client, _| {
                    client.handle_answer(self, ticket, answer);
                });
                self.pump(asker.key());
            },
            _ => {
                if let Some(part) = self.part() {
                    part.io(self, token, ready);
                }
            }
        }
    }

    fn timer(&self, token: Token) {
        match token.source() {
            Some(Source::Client) => {
                self.with_client(token.key(), |client, _| client.handle_timeout(self));
                self.pump(token.key());
            }
            Some(Source::Timer) => self.timers.fire(self, token.key()),
            Some(Source::Watcher) => self.watchers.handle_sweep(self),
            _ => {
                if let Some(part) = self.part() {
                    part.timer(self, token);
                }
            }
        }
    }

    #[inline(always)]
    fn signals(&self) {
        if self.part_says(|part| part.has_signals())
            && let Some(part) = self.part()
        {
            part.signals(self);
        }
        if self.signals.has_any() {
            self.signals.run(self);
        }
    }

    #[inline(always)]
    fn deferred(&self) {
        if self.deferred.len() > 0 {
            self.deferred.run(self);
        }
    }

    #[inline(always)]
    fn has_deferred(&self) -> bool {
        !self.touched.borrow().is_empty()
            || self.deferred.len() > 0
            || self.signals.has_arrived()
            || self.part_says(|part| part.has_unsent())
    }

    #[inline(always)]
    fn settle(&self) {
        if !self.touched.borrow().is_empty() {
            for key in self.touched.take() {
                self.pump(key);
            }
        }
        self.release_loose();
        if self.part_says(|part| part.has_to_settle())
            && let Some(part) = self.part()
        {
            part.settle(self);
        }
    }

    /// `Event::exit()` lets the turn end in good order; everything else stops at once.
    fn stopped(&self) -> bool {
        !matches!(self.stop.get(), None | Some(Stop::Asked))
    }

    fn alive(&self) -> bool {
        let part = self.part_says(|part| part.keeps_alive());
        self.stop.get().is_none() && (part || self.has_pending())
    }
}
