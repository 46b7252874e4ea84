//! The loop of this process and everything that it holds on behalf of PHP.
//!
//! Each reference is a row of the ledger, taken in one place and dropped in one place. PHP is called
//! through [`Engine::call`] alone, which keeps the order of release (contract C2) and deals with
//! exceptions, `exit()` and fatal errors (contract F1-F3). No borrow is open while it runs.

use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
    time::{Duration, UNIX_EPOCH},
};

use crate::{
    client::{Buffers, Io},
    ledger::{Entry, Kind, Ledger, Number, Row, RowId},
    net::Resolver,
    reactor::{self, Arena, Driver, Key, Reactor, Ready, Source, Token, wall},
    zend::{
        Callback, ObjRef, Outcome, Severity, Thrown, Value, ZStr,
        error::{self, Reported},
        fence,
    },
};

use super::{
    deferred::Deferred,
    link::{AsyncClient, Job, Next},
    loose::LooseClients,
    shutdown,
    timer::Timers,
    watcher::Watchers,
};

/// The engine of this process: made at the first use of anything asynchronous.
pub(super) struct Engine {
    pub(super) reactor: Rc<Reactor>,
    pub(super) buffers: Rc<RefCell<Buffers>>,
    resolver: RefCell<Resolver>,
    /// References on clients that are connecting or connected.
    tethers: RefCell<Arena<Tether>>,
    /// References on clients whose connection ended under a callback that still runs.
    ended: RefCell<Vec<Tether>>,
    /// Clients that were given something to send since the last turn's end.
    touched: RefCell<Vec<Key>>,
    /// Clients that lived on after their connection had ended.
    loose: LooseClients,
    /// References of `Swoole\Timer`.
    pub(super) timers: Timers,
    /// References of `Event::add`.
    pub(super) watchers: Watchers,
    /// References of `Event::defer` and `Event::cycle`.
    pub(super) deferred: Deferred,
    /// How many calls into PHP are on the stack.
    depth: Cell<u32>,
    /// The row whose callback is the outermost one on the stack.
    outermost: Cell<Number>,
    /// What a callback that threw held is being released.
    unwinding: Cell<bool>,
    stop: Cell<Option<Stop>>,
    running: Cell<bool>,
    /// What a process of a server adds to the loop.
    part: RefCell<Option<Rc<dyn Part>>>,
    /// In a server's process too an exception that nobody takes ends the process.
    ends_on_exception: Cell<bool>,
}

/// What a process of a server adds to the loop: whatever is not a client, a timer or a watcher.
pub(super) trait Part {
    /// A descriptor of the server's is ready.
    fn io(&self, engine: &Engine, token: Token, ready: Ready);
    /// A timer of the server's is due.
    fn timer(&self, engine: &Engine, token: Token);
    /// Signals may have arrived.
    fn signals(&self, engine: &Engine);
    /// The turn ends.
    fn settle(&self, engine: &Engine);
}

/// One reference of the engine on a client, from connect to the end of the connection.
pub(super) struct Tether {
    pub(super) object: ObjRef,
    pub(super) row: RowId,
    as_client: AsClient,
}

/// How to find the client in an object.
pub(super) type AsClient = fn(&ObjRef) -> Option<&dyn AsyncClient>;

/// What a row of the engine stands for.
enum Held {
    Client(Key),
    Timer(Key),
    Watcher(Key),
    Deferred,
}

/// Why the loop ends before everything is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// `Event::exit()`: the turn ends in good order.
    AfterTurn,
    /// The server's process has done its work.
    Asked,
    /// `exit()` in a callback.
    Exit,
    /// An exception that nobody took, in a plain script.
    Failed,
    /// A fatal error: no PHP code runs any more.
    Fatal,
}

thread_local! {
    static ENGINE: RefCell<Option<Rc<Engine>>> = const { RefCell::new(None) };
    static LEDGER: Rc<Ledger<ZStr>> = Rc::default();
}

/// The engine, made now if there is none yet. Throws PHP's `Error` when the system refuses.
pub(super) fn engine() -> Result<Rc<Engine>, Thrown> {
    if let Some(engine) = current() {
        return Ok(engine);
    }
    let engine = Engine::new().map_err(|error| {
        error::throw_error(&format!("Unable to create the event loop: {error}"))
    })?;
    let engine = Rc::new(engine);
    ENGINE.replace(Some(Rc::clone(&engine)));
    shutdown::attend()?;
    Ok(engine)
}

/// The engine, if there is one.
pub(super) fn current() -> Option<Rc<Engine>> {
    ENGINE.with_borrow(Clone::clone)
}

/// The ledger of this process.
pub(super) fn ledger() -> Rc<Ledger<ZStr>> {
    LEDGER.with(Rc::clone)
}

/// The net under everything: what the request still holds at its very end.
pub(super) fn shut_down() {
    if let Some(engine) = ENGINE.take() {
        engine.release_all();
    }
}

/// After `fork`, in the child: a new engine, and the parent's references forgotten. They are copies
/// of the parent's; PHP destroys the objects when the child ends.
pub(super) fn forked() -> Result<Rc<Engine>, Thrown> {
    let inherited = ENGINE.take();
    ledger().forget();
    let engine = Rc::new(Engine::new().map_err(|error| {
        error::throw_error(&format!("Unable to create the event loop: {error}"))
    })?);
    if let Some(inherited) = inherited {
        engine.inherit(&inherited);
    }
    ENGINE.replace(Some(Rc::clone(&engine)));
    Ok(engine)
}

impl Engine {
    fn new() -> io::Result<Engine> {
        let reactor = Rc::new(Reactor::new()?);
        let waker = reactor.waker(Token::new(Source::Waker, Key::fixed(0)))?;
        Ok(Engine {
            reactor,
            buffers: Rc::default(),
            resolver: RefCell::new(Resolver::new(waker)),
            tethers: RefCell::default(),
            ended: RefCell::default(),
            touched: RefCell::default(),
            loose: LooseClients::default(),
            timers: Timers::default(),
            watchers: Watchers::default(),
            deferred: Deferred::default(),
            depth: Cell::new(0),
            outermost: Cell::new(0),
            unwinding: Cell::new(false),
            stop: Cell::new(None),
            running: Cell::new(false),
            part: RefCell::new(None),
            ends_on_exception: Cell::new(false),
        })
    }

    /// What a connection needs of the loop.
    pub(super) fn io(&self) -> Io<'_> {
        Io { reactor: &self.reactor, resolver: &self.resolver, buffers: &self.buffers }
    }

    /// Runs the loop until nothing is pending or it is stopped, then releases everything.
    /// `Err`: PHP must unwind, for the process ends.
    pub(super) fn run(&self) -> Result<(), Thrown> {
        if self.running.replace(true) {
            return Ok(());
        }
        self.stop.set(None);
        self.watchers.sweep(self);
        let ran = reactor::run(&self.reactor, self);
        self.release_all();
        self.running.set(false);
        self.end(ran)
    }

    /// Runs exactly one turn. `false`: nothing is pending, or the loop is running.
    /// `Err`: PHP must unwind, for the process ends.
    pub(super) fn dispatch(&self) -> Result<bool, Thrown> {
        if !self.alive() || self.running.replace(true) {
            return Ok(false);
        }
        self.stop.set(None);
        self.watchers.sweep(self);
        let ran = if self.alive() { reactor::turn(&self.reactor, self, None) } else { Ok(()) };
        if self.stopped() || ran.is_err() {
            self.release_all();
        }
        self.running.set(false);
        self.end(ran).map(|()| true)
    }

    fn end(&self, ran: io::Result<()>) -> Result<(), Thrown> {
        if let Err(error) = ran {
            return Err(error::throw_error(&format!("Unable to poll for events: {error}")));
        }
        self.end_process()
    }

    /// Runs the loop until it is stopped or nothing is pending; releases nothing.
    pub(super) fn run_loop(&self) -> io::Result<()> {
        self.running.set(true);
        let ran = reactor::run(&self.reactor, self);
        self.running.set(false);
        ran
    }

    /// Puts a server's process on the loop, or takes it off.
    pub(super) fn set_part(&self, part: Option<Rc<dyn Part>>) {
        let before = self.part.replace(part);
        drop(before);
    }

    /// What a server's process has put on the loop.
    pub(super) fn part(&self) -> Option<Rc<dyn Part>> {
        self.part.borrow().clone()
    }

    /// Whether an exception that nobody takes ends a server's process too: during onWorkerStart.
    pub(super) fn end_on_exception(&self, on: bool) {
        self.ends_on_exception.set(on);
    }

    /// The loop may run again.
    pub(super) fn forget_stop(&self) {
        self.stop.set(None);
    }

    /// Clients that are connecting or wait for an answer.
    pub(super) fn busy_clients(&self) -> usize {
        let keys = self.tethers.borrow().keys();
        keys.into_iter()
            .filter(|key| self.with_client(*key, |client, _| client.is_busy()).is_some_and(|b| b.0))
            .count()
    }

    /// Ends the loop after the present callback.
    pub(super) fn stop(&self, why: Stop) {
        let stop = match self.stop.get() {
            Some(before) if severity(before) >= severity(why) => before,
            _ => why,
        };
        self.stop.set(Some(stop));
    }

    /// Why the loop was stopped.
    pub(super) fn stop_reason(&self) -> Option<Stop> {
        self.stop.get()
    }

    /// Whether the loop is running.
    pub(super) fn is_running(&self) -> bool {
        self.running.get()
    }

    /// Whether what a callback that threw held is being released now (contract C4).
    pub(super) fn is_unwinding(&self) -> bool {
        self.unwinding.get()
    }

    /// Calls PHP: the one way in. `row` is whose callback it is (0: nobody's). Then releases, in
    /// the order of contract C2: the arguments; if this was the outermost call, the tethers of the
    /// clients that ended during it; the callback. `None`: it did not return normally.
    pub(super) fn call<const N: usize>(
        &self,
        row: Number,
        callback: Callback,
        args: [Value; N],
    ) -> Option<Value> {
        self.call_slice(row, callback, args)
    }

    /// [`call`](Self::call) with any number of arguments.
    pub(super) fn call_slice(
        &self,
        row: Number,
        callback: Callback,
        args: impl AsRef<[Value]>,
    ) -> Option<Value> {
        let ledger = ledger();
        let parent = ledger.enter(row);
        let depth = self.depth.get();
        self.depth.set(depth + 1);
        if depth == 0 {
            self.outermost.set(row);
        }
        self.watchers.suspect();
        let outcome = callback.call(args.as_ref());
        let threw = matches!(outcome, Outcome::Threw);
        let value = self.handle_outcome(outcome);
        let unwound = self.unwinding.replace(threw || self.unwinding.get());
        drop(args);
        self.report_pending();
        self.depth.set(depth);
        ledger.enter(parent);
        if depth == 0 {
            self.release_ended();
        }
        drop(callback);
        self.report_pending();
        self.unwinding.set(unwound);
        value
    }

    /// Takes the one reference on a client that starts to connect (contract A2).
    pub(super) fn tether(
        &self,
        object: ObjRef,
        as_client: AsClient,
        peer: (ZStr, u16),
    ) -> (Key, RowId) {
        let row = ledger().open(Entry {
            kind: Kind::Client,
            class: Some(object.class_name()),
            object_id: object.id(),
            state: "connecting",
            peer: Some(peer),
            site: site(),
            since: since(),
        });
        let key = self.tethers.borrow_mut().insert(Tether { object, row, as_client });
        (key, row)
    }

    /// Gives up that reference: now, or when the outermost callback on the stack has returned
    /// (contract A4).
    pub(super) fn untether(&self, key: Key) {
        let Some(tether) = self.tethers.borrow_mut().remove(key) else { return };
        ledger().set_state(tether.row, "closing");
        self.ended.borrow_mut().push(tether);
        if self.depth.get() == 0 {
            self.outermost.set(0);
            self.release_ended();
        }
    }

    /// Deals with what is pending after a release: an exception of a destructor, an exit.
    pub(super) fn report_pending(&self) {
        if error::pending() {
            self.handle_outcome(fence::check());
        }
    }

    /// How many clients are tethered.
    pub(super) fn tethered(&self) -> usize {
        self.tethers.borrow().len()
    }

    /// Releases everything that the engine holds, the youngest row first. What destructors start
    /// meanwhile goes too; one that always starts something new is left to request shutdown.
    pub(super) fn release_all(&self) {
        const ROUNDS: u32 = 16;
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
        self.loose.forget();
    }

    /// Every reference of the engine, by the number of its row.
    fn held(&self) -> Vec<(Number, Held)> {
        let clients = self.tethers.borrow();
        let mut held: Vec<_> =
            clients.iter().map(|(key, t)| (t.row.number(), Held::Client(key))).collect();
        held.extend(self.timers.rows().into_iter().map(|(row, key)| (row, Held::Timer(key))));
        held.extend(self.watchers.rows().into_iter().map(|(row, key)| (row, Held::Watcher(key))));
        held.extend(self.deferred.rows().into_iter().map(|row| (row, Held::Deferred)));
        held
    }

    fn release(&self, number: Number, held: Held) {
        match held {
            Held::Client(key) => {
                let Some(tether) = self.tethers.borrow_mut().remove(key) else { return };
                if let Some(client) = (tether.as_client)(&tether.object) {
                    client.discard(self);
                }
                self.drop_tether(tether);
            }
            Held::Timer(key) => self.timers.release(self, key),
            Held::Watcher(key) => self.watchers.release(self, key),
            Held::Deferred => self.deferred.release(number),
        }
    }

    /// What a callback's outcome means for the process (contract F1-F3).
    fn handle_outcome(&self, outcome: Outcome) -> Option<Value> {
        match outcome {
            Outcome::Value(value) => return Some(value),
            Outcome::Bailed => self.stop(Stop::Fatal),
            Outcome::Exited => self.handle_exit(),
            Outcome::Threw => self.handle_exception(),
        }
        None
    }

    fn handle_exit(&self) {
        self.stop(Stop::Exit);
        // Inside another callback the exit goes on unwinding to the outermost one.
        if self.depth.get() <= 1 {
            error::take_exit();
        }
    }

    fn handle_exception(&self) {
        let goes_on = self.part.borrow().is_some() && !self.ends_on_exception.get();
        let severity = if goes_on { Severity::GoOn } else { Severity::Fatal };
        match error::report_exception(severity) {
            Reported::Handled => {}
            Reported::Printed if goes_on => {}
            Reported::Printed => {
                self.stop(Stop::Failed);
                if self.depth.get() > 1 {
                    error::throw_unwind_exit();
                }
            }
            Reported::Exited => self.handle_exit(),
            Reported::Bailed => self.stop(Stop::Fatal),
        }
    }

    /// After the loop: lets PHP end the process if a callback asked for that.
    fn end_process(&self) -> Result<(), Thrown> {
        match self.stop.get() {
            None | Some(Stop::AfterTurn | Stop::Asked) => Ok(()),
            Some(Stop::Exit | Stop::Failed) => Err(error::throw_unwind_exit()),
            Some(Stop::Fatal) => Err(Thrown),
        }
    }

    /// Drops the tethers of clients that ended: first of the one whose callback ran, then in the
    /// order of their ends.
    fn release_ended(&self) {
        loop {
            let tether = {
                let mut ended = self.ended.borrow_mut();
                if ended.is_empty() {
                    return;
                }
                let outermost = self.outermost.get();
                let first = ended.iter().position(|tether| tether.row.number() == outermost);
                ended.remove(first.unwrap_or(0))
            };
            self.drop_tether(tether);
        }
    }

    fn drop_tether(&self, tether: Tether) {
        let Tether { object, row, as_client } = tether;
        self.loose.note(&object, as_client);
        drop(object);
        ledger().close(row);
        self.report_pending();
    }

    /// Says that a client has something to send, or an event to tell: it is looked at before the
    /// turn ends.
    pub(super) fn touch(&self, key: Key) {
        let mut touched = self.touched.borrow_mut();
        if touched.last() != Some(&key) {
            touched.push(key);
        }
    }

    /// Calls everything that the connection of a tether has to tell, until it is idle or over.
    ///
    /// Between the calls the client is looked up anew, and no reference of ours is open during
    /// one: only the tether and the arguments keep the client alive.
    pub(super) fn pump(&self, key: Key) {
        while !self.stopped() {
            let next = self.with_client(key, |client, me| client.poll(self, me, key));
            let Some((next, row)) = next else { return };
            match next {
                Next::Call(Job { callback, args }) => {
                    self.call_slice(row, callback, args);
                }
                Next::Ended => return self.untether(key),
                Next::Idle => return,
            }
        }
    }

    fn with_client<R>(
        &self,
        key: Key,
        act: impl FnOnce(&dyn AsyncClient, &ObjRef) -> R,
    ) -> Option<(R, Number)> {
        let (object, as_client, row) = {
            let tethers = self.tethers.borrow();
            let tether = tethers.get(key)?;
            (tether.object.clone(), tether.as_client, tether.row.number())
        };
        let client = as_client(&object)?;
        Some((act(client, &object), row))
    }

    fn inherit(&self, _parent: &Engine) {}
}

impl Driver for Engine {
    fn cycle(&self, before: bool) {
        if before {
            self.watchers.plan_sweep(self);
        }
        self.deferred.cycle(self, before);
    }

    fn io(&self, token: Token, ready: Ready) {
        match token.source() {
            Some(Source::Client) => {
                self.with_client(token.key(), |client, _| client.handle_ready(self, ready));
                self.pump(token.key());
            }
            Some(Source::Watcher) => self.watchers.handle_ready(self, token.key(), ready),
            Some(Source::Waker) => loop {
                let answer = self.resolver.borrow_mut().poll_answer();
                let Some((asker, ticket, answer)) = answer else { break };
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

    fn signals(&self) {
        if let Some(part) = self.part() {
            part.signals(self);
        }
    }

    fn deferred(&self) {
        self.deferred.run(self);
    }

    fn has_deferred(&self) -> bool {
        !self.touched.borrow().is_empty() || self.deferred.len() > 0
    }

    fn settle(&self) {
        for key in self.touched.take() {
            self.pump(key);
        }
        self.loose.release(self);
        if let Some(part) = self.part() {
            part.settle(self);
        }
    }

    fn stopped(&self) -> bool {
        !matches!(self.stop.get(), None | Some(Stop::AfterTurn))
    }

    fn alive(&self) -> bool {
        self.stop.get().is_none()
            && (self.tethered() > 0
                || self.part.borrow().is_some()
                || self.timers.len() > 0
                || self.watchers.len() > 0
                || self.deferred.len() > 0)
    }
}

/// The PHP file and line that runs now.
pub(super) fn site() -> Option<(ZStr, u32)> {
    let (file, line) = error::calling_site();
    file.map(|file| (file, line))
}

/// A row as one line of text.
pub(super) fn describe(row: &Row<ZStr>) -> String {
    let entry = &row.entry;
    let mut text = format!("#{} {}", row.id, entry.kind.name());
    if let Some(class) = &entry.class {
        text.push_str(&format!(" {}#{}", String::from_utf8_lossy(class), entry.object_id));
    }
    text.push_str(&format!(" {}", entry.state));
    if let Some((host, port)) = &entry.peer {
        text.push_str(&format!(" {}:{port}", String::from_utf8_lossy(host)));
    }
    if let Some((file, line)) = &entry.site {
        text.push_str(&format!(" {}:{line}", String::from_utf8_lossy(file)));
    }
    text
}

/// Now, as rows write it.
pub(super) fn since() -> Duration {
    wall().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn severity(stop: Stop) -> u8 {
    match stop {
        Stop::AfterTurn => 0,
        Stop::Asked => 1,
        Stop::Failed => 2,
        Stop::Exit => 3,
        Stop::Fatal => 4,
    }
}
