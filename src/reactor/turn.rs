//! One turn of the loop, in the order that classic programs rely on.

use std::{io, time::Duration};

use super::{Reactor, Ready, Token};

/// Who does the work of a turn. Every method may call PHP, and PHP may do anything: register,
/// close, add timers, stop.
pub trait Driver {
    /// `Event::cycle`'s callback, before the poll or after the deferred callbacks.
    fn cycle(&self, before: bool);
    /// A descriptor is ready. The token may be stale: then it is nobody's.
    fn io(&self, token: Token, ready: Ready);
    /// A timer is due; it is out of the heap.
    fn timer(&self, token: Token);
    /// Signals that arrived since the last turn.
    fn signals(&self);
    /// Callbacks deferred until now. Those deferred while they run wait for the next turn.
    fn deferred(&self);
    /// Whether something waits for the next turn's `deferred`, so that the poll must not wait.
    fn has_deferred(&self) -> bool;
    /// The end of the turn: what is queued goes out, ended clients are looked at.
    fn settle(&self);
    /// The loop shall end now: `exit()`, a fatal error, a stopped server.
    fn stopped(&self) -> bool;
    /// Something is pending that keeps the loop going.
    fn alive(&self) -> bool;
}

/// Runs turns until the driver stops or nothing keeps the loop going.
///
/// # Errors
/// When polling fails, which leaves the loop unusable.
pub fn run<D: Driver>(reactor: &Reactor, driver: &D) -> io::Result<()> {
    while !driver.stopped() && driver.alive() {
        turn(reactor, driver, None)?;
    }
    Ok(())
}

/// One turn: cycle(before), poll, descriptors, signals, timers, deferred, cycle(after), settle.
/// `limit` bounds the wait; `None` waits for an event or a timer. Stops between any two callbacks
/// once the driver is stopped.
///
/// # Errors
/// When polling fails.
pub fn turn<D: Driver>(reactor: &Reactor, driver: &D, limit: Option<Duration>) -> io::Result<()> {
    driver.cycle(true);
    let limit = if driver.has_deferred() { Some(Duration::ZERO) } else { limit };
    if driver.stopped() {
        return Ok(());
    }
    let ready = reactor.poll(limit)?;
    for (token, ready) in ready.iter().copied() {
        if driver.stopped() {
            return Ok(());
        }
        driver.io(token, ready);
    }
    reactor.recycle(ready);
    if !driver.stopped() {
        driver.signals();
    }
    fire_timers(reactor, driver);
    if !driver.stopped() {
        driver.deferred();
    }
    if !driver.stopped() {
        driver.cycle(false);
    }
    if !driver.stopped() {
        driver.settle();
    }
    Ok(())
}

/// Fires what is due at one point in time, so that a timer that is made by a callback waits for
/// the next turn even when its time is zero.
fn fire_timers<D: Driver>(reactor: &Reactor, driver: &D) {
    let now = reactor.now();
    if reactor.timers().borrow().next().is_none_or(|at| at > now) {
        return;
    }
    let mut due = Vec::new();
    while let Some((_, token)) = reactor.timers().borrow_mut().pop_due(now) {
        due.push(token);
    }
    for token in due {
        if driver.stopped() {
            return;
        }
        driver.timer(token);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Interest, Key, Source};
    use super::*;
    use std::{
        cell::{Cell, RefCell},
        io::Write,
        os::unix::net::UnixStream,
    };

    struct Script<'a> {
        reactor: &'a Reactor,
        log: RefCell<Vec<&'static str>>,
        deferred: Cell<u32>,
        stopped: Cell<bool>,
    }

    impl Script<'_> {
        fn say(&self, what: &'static str) {
            self.log.borrow_mut().push(what);
        }
    }

    impl Driver for Script<'_> {
        fn cycle(&self, before: bool) {
            self.say(if before { "cycle before" } else { "cycle after" });
        }
        fn io(&self, token: Token, _: Ready) {
            assert_eq!(token.source(), Some(Source::Watcher));
            self.say("io");
        }
        fn timer(&self, _: Token) {
            self.say("timer");
            let zero = Token::new(Source::Timer, Key::fixed(9));
            self.reactor.timers().borrow_mut().insert(self.reactor.now(), zero);
        }
        fn signals(&self) {
            self.say("signals");
        }
        fn deferred(&self) {
            self.say("deferred");
            self.deferred.set(0);
        }
        fn has_deferred(&self) -> bool {
            self.deferred.get() > 0
        }
        fn settle(&self) {
            self.say("settle");
        }
        fn stopped(&self) -> bool {
            self.stopped.get()
        }
        fn alive(&self) -> bool {
            true
        }
    }

    #[test]
    fn a_turn_keeps_the_documented_order_and_fires_a_timer_once() {
        let reactor = Reactor::new().unwrap();
        let (near, mut far) = UnixStream::pair().unwrap();
        let token = Token::new(Source::Watcher, Key::fixed(0));
        reactor.register(&near, token, Interest::READABLE).unwrap();
        far.write_all(b"x").unwrap();
        reactor
            .timers()
            .borrow_mut()
            .insert(reactor.now(), Token::new(Source::Timer, Key::fixed(1)));
        let script = Script {
            reactor: &reactor,
            log: RefCell::default(),
            deferred: Cell::new(1),
            stopped: Cell::new(false),
        };
        turn(&reactor, &script, None).unwrap();
        assert_eq!(
            *script.log.borrow(),
            ["cycle before", "io", "signals", "timer", "deferred", "cycle after", "settle"]
        );
    }

    #[test]
    fn a_stopped_driver_is_not_called_again() {
        let reactor = Reactor::new().unwrap();
        let script = Script {
            reactor: &reactor,
            log: RefCell::default(),
            deferred: Cell::new(0),
            stopped: Cell::new(true),
        };
        run(&reactor, &script).unwrap();
        assert!(script.log.borrow().is_empty());
    }
}
