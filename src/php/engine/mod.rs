//! The loop of this process and everything that it holds on behalf of PHP.
//!
//! Each reference is a row of the ledger, taken in one place and dropped in one place. PHP is called
//! through [`Engine::call`] alone, which keeps the order of release (contract C2) and deals with
//! exceptions, `exit()` and fatal errors (contract F1-F3). No borrow is open while it runs.

mod call;
mod driver;
mod release;
mod rows;
mod shutdown;
mod tethers;

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    io,
    os::fd::RawFd,
    rc::Rc,
};

use crate::{
    client::{Buffers, Io},
    ledger::{Ledger, Number},
    net::{Resolver, Ticket},
    reactor::{self, Arena, Driver, Key, Reactor, Ready, Source, Token},
    sys::{descriptor, process, signal},
    zend::{Callback, ObjRef, Thrown, ZStr, error, fence},
};

use super::{
    asked::Asked, deferred::Deferred, jobs::Jobs, signals::Signals, timer::Timers,
    watcher::Watchers,
};

pub(super) use rows::{open_row, since, site};
pub(super) use shutdown::register;
pub(super) use tethers::AsClient;

use tethers::{Loose, Tether};

/// The engine of this process: made at the first use of anything asynchronous.
pub(super) struct Engine {
    pub(super) reactor: Rc<Reactor>,
    ledger: Rc<Ledger<ZStr>>,
    pub(super) buffers: Rc<RefCell<Buffers>>,
    resolver: RefCell<Resolver>,
    /// References on clients that are connecting or connected.
    tethers: RefCell<Arena<Tether>>,
    /// References on clients whose connection ended under a callback that still runs, in the order in
    /// which they are to go: first that of the client whose callback is the outermost.
    ended: RefCell<VecDeque<Tether>>,
    /// Clients that were given something to send since the last turn's end.
    touched: RefCell<Vec<Key>>,
    /// Clients that lived on after their connection had ended: their handles, and what they were
    /// when last looked at. No reference (contract A7).
    loose: RefCell<Vec<Loose>>,
    /// References of `Swoole\Timer`.
    pub(super) timers: Timers,
    /// References of `Event::add`.
    pub(super) watchers: Watchers,
    /// References of `task()`.
    pub(super) asked: Asked,
    /// References of `Event::defer` and `Event::cycle`.
    pub(super) deferred: Deferred,
    /// References of `Swoole\Async`.
    pub(super) jobs: Jobs,
    /// References of `Process::signal`.
    pub(super) signals: Signals,
    /// How many calls into PHP are on the stack, those whose release is not done included.
    depth: Cell<u32>,
    /// How many of them have not returned yet.
    frames: Cell<u32>,
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
    /// Of clients whose connections are another process's: callbacks that nobody will call.
    uncalled: RefCell<Vec<Callback>>,
    /// The engine of the process that this one was forked from: its references are copies, which go
    /// when this process ends.
    inherited: RefCell<Option<Rc<Engine>>>,
    /// This is the engine of the process that the present one was forked from.
    is_copy: Cell<bool>,
}

/// What a process of a server adds to the loop: whatever is not a client, a timer or a watcher.
pub(super) trait Part {
    /// Whether the loop goes on for it alone.
    fn keeps_alive(&self) -> bool {
        true
    }
    /// A descriptor of the server's is ready.
    fn io(&self, engine: &Engine, token: Token, ready: Ready);
    /// A timer of the server's is due.
    fn timer(&self, engine: &Engine, token: Token);
    /// Signals may have arrived.
    fn signals(&self, engine: &Engine);
    /// Whether [`signals`](Self::signals) is to be called in this turn.
    fn has_signals(&self) -> bool {
        true
    }
    /// The turn ends.
    fn settle(&self, engine: &Engine);
    /// Whether [`settle`](Self::settle) is to be called in this turn.
    fn has_to_settle(&self) -> bool {
        true
    }
    /// Something waits to be sent, so that the next poll must not wait.
    fn has_unsent(&self) -> bool {
        false
    }
    /// The descriptors that are this process's alone: one that PHP code forks lets go of them.
    fn descriptors(&self) -> Vec<RawFd> {
        Vec::new()
    }
    /// PHP code that runs was asked for a word: between two of its steps.
    fn interrupted(&self) {}
    /// Takes one more signal over, for PHP code; its arrivals go to `Engine::signals`.
    ///
    /// # Errors
    /// `AlreadyExists` for a signal that the server needs itself.
    fn take_signal(&self, _signo: i32) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Why the loop ends before everything is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// `Event::exit()`.
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
    // The loop of a plain script runs when the script has ended. PHP frees this object after the
    // last shutdown function and before it destroys what is left, whatever ended the script.
    let shutdown = ObjRef::new_of(&shutdown::SHUTDOWN)?;
    let registered = fence::call_function("register_shutdown_function", &[shutdown.into()]);
    registered.into_result()?;
    Ok(engine)
}

/// The engine, if there is one.
pub(super) fn current() -> Option<Rc<Engine>> {
    if process::was_forked() {
        leave_parent();
    }
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

/// In a child that PHP code has forked by itself (`pcntl_fork()`): as [`forked`], if there is an
/// engine to leave. Called where no borrow is open.
#[cold]
fn leave_parent() {
    process::forget_fork();
    let Some(parent) = ENGINE.with_borrow(Clone::clone) else { return };
    let _ = give_up_inherited();
    if forked().is_err() {
        // It takes no part in anything, as a copy, and its references stay where they are.
        parent.is_copy.set(true);
        parent.stop(Stop::Exit);
        ENGINE.replace(Some(parent));
    }
}

/// In a child, before [`forked`]: what a server's process ignores or takes over is nothing to this one,
/// and whoever is connected to the parent shall see when the parent closes.
///
/// # Errors
/// When descriptors of the parent stay open.
pub(super) fn give_up_inherited() -> io::Result<()> {
    let part = ENGINE.with_borrow(Clone::clone).and_then(|parent| parent.part());
    if part.is_some() {
        for signo in
            [signal::SIGTERM, signal::SIGINT, signal::SIGHUP, signal::SIGUSR1, signal::SIGUSR2]
        {
            let _ = signal::set_default(signo);
        }
    }
    let _ = signal::give_up_inherited();
    part.map_or(Ok(()), |part| descriptor::give_up(&part.descriptors()))
}

/// After `fork`, in the child: a new engine, and the parent's references forgotten. They are copies
/// of the parent's; PHP destroys the objects when the child ends. Calls of the parent's engine that
/// are on the stack end without doing anything more.
pub(super) fn forked() -> Result<Rc<Engine>, Thrown> {
    let inherited = ENGINE.take();
    ledger().forget();
    let engine = Rc::new(Engine::new().map_err(|error| {
        error::throw_error(&format!("Unable to create the event loop: {error}"))
    })?);
    if let Some(parent) = &inherited {
        parent.is_copy.set(true);
        parent.stop(Stop::Exit);
        parent.reactor.sever();
        parent.forget_clients();
    }
    engine.inherited.replace(inherited);
    ENGINE.replace(Some(Rc::clone(&engine)));
    Ok(engine)
}

impl Engine {
    fn new() -> io::Result<Engine> {
        process::watch_forks();
        let reactor = Rc::new(Reactor::new()?);
        let waker = reactor.waker(Token::new(Source::Waker, Key::fixed(0)))?;
        Ok(Engine {
            reactor,
            ledger: ledger(),
            buffers: Rc::default(),
            resolver: RefCell::new(Resolver::new(waker)),
            tethers: RefCell::default(),
            ended: RefCell::default(),
            touched: RefCell::default(),
            loose: RefCell::default(),
            timers: Timers::default(),
            watchers: Watchers::default(),
            asked: Asked::default(),
            deferred: Deferred::default(),
            jobs: Jobs::default(),
            signals: Signals::default(),
            depth: Cell::new(0),
            frames: Cell::new(0),
            outermost: Cell::new(0),
            unwinding: Cell::new(false),
            stop: Cell::new(None),
            running: Cell::new(false),
            part: RefCell::new(None),
            ends_on_exception: Cell::new(false),
            uncalled: RefCell::default(),
            inherited: RefCell::new(None),
            is_copy: Cell::new(false),
        })
    }

    /// What a connection needs of the loop.
    pub(super) fn io(&self) -> Io<'_> {
        Io { reactor: &self.reactor, resolver: &self.resolver, buffers: &self.buffers }
    }

    /// Asks for the addresses of a host, in the name of a job.
    ///
    /// # Errors
    /// When no thread can be made.
    pub(super) fn ask(&self, asker: Token, host: &str) -> io::Result<Ticket> {
        let mut resolver = self.resolver.borrow_mut();
        match resolver.cached(host, 0, self.reactor.now()) {
            Some(known) => Ok(resolver.answer(asker, host, known)),
            None => resolver.resolve(asker, host, 0),
        }
    }

    /// The addresses of a host, if they were found a short while ago.
    pub(super) fn known_addresses(&self, host: &str) -> Option<Vec<std::net::SocketAddr>> {
        self.resolver.borrow().cached(host, 0, self.reactor.now())
    }

    /// Nobody waits for that answer any more.
    pub(super) fn forget_ask(&self, ticket: Ticket) {
        self.resolver.borrow_mut().cancel(ticket);
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
        if self.stop.get() == Some(Stop::Asked) {
            self.stop.set(None);
        }
        self.end(ran)
    }

    /// Runs the loop when the script has ended. What is held then goes after the last shutdown
    /// function (contract F4), and an `exit()` in a callback does not keep those from running.
    fn run_at_end(&self) -> Result<(), Thrown> {
        if self.running.replace(true) {
            return Ok(());
        }
        self.stop.set(None);
        self.watchers.sweep(self);
        let ran = reactor::run(&self.reactor, self);
        self.running.set(false);
        match ran {
            Ok(()) if self.stop.get() == Some(Stop::Fatal) => self.end_process(),
            Ok(()) => Ok(()),
            Err(_) => self.end(ran),
        }
    }

    /// Runs exactly one turn. `false`: nothing is pending, or the loop is running.
    /// `Err`: PHP must unwind, for the process ends.
    pub(super) fn dispatch(&self) -> Result<bool, Thrown> {
        if self.running.get() {
            return Ok(false);
        }
        // Turns by hand end with an `Event::exit()`, once.
        let exited = self.stop.take() == Some(Stop::Asked);
        if exited || !self.alive() {
            return Ok(false);
        }
        self.running.set(true);
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

    /// Asks it something that calls no PHP.
    pub(super) fn part_says(&self, ask: impl FnOnce(&dyn Part) -> bool) -> bool {
        self.part.borrow().as_deref().is_some_and(ask)
    }

    /// Whether an exception that nobody takes ends a server's process too: during onWorkerStart.
    pub(super) fn end_on_exception(&self, on: bool) {
        self.ends_on_exception.set(on);
    }

    /// The loop may run again.
    pub(super) fn forget_stop(&self) {
        self.stop.set(None);
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

    /// After this process has become another one and its parent has ended (a daemon): threads did
    /// not come along, and signals are to be taken over again.
    pub(super) fn has_moved(&self) {
        self.resolver.borrow_mut().forget_threads();
        self.jobs.forget_threads();
        self.signals.resume(self);
    }

    /// Whether this process was forked from the one whose engine this is: then nothing here is ours.
    pub(super) fn is_copy(&self) -> bool {
        self.is_copy.get()
    }

    /// Whether anything of PHP's is pending: what keeps the loop of a plain script going.
    pub(super) fn has_pending(&self) -> bool {
        self.tethered() > 0
            || self.timers.len() > 0
            || self.watchers.len() > 0
            || self.deferred.len() > 0
            || self.signals.len() > 0
            || self.jobs.len() > 0
    }

    /// Whether the loop is running.
    pub(super) fn is_running(&self) -> bool {
        self.running.get()
    }

    /// Whether what a callback that threw held is being released now (contract C4).
    pub(super) fn is_unwinding(&self) -> bool {
        self.unwinding.get()
    }
}

fn severity(stop: Stop) -> u8 {
    match stop {
        Stop::Asked => 0,
        Stop::Failed => 1,
        Stop::Exit => 2,
        Stop::Fatal => 3,
    }
}
