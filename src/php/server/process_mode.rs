//! `SWOOLE_PROCESS`: this process is the master. Its threads have the connections, its child is the
//! manager, which forks the workers; PHP runs here on the main thread only.

use std::{
    cell::{Cell, RefCell},
    io,
    mem::ManuallyDrop,
    rc::Rc,
    time::{Duration, Instant},
};

use crate::{
    options::ServerConfig,
    reactor::{Interest, Key, Ready, Source, Token},
    server::{
        Doors, END_LIMIT, GateConfig, GateParts, GateShared, Gates, KILL_GRACE, Lifecycle,
        LinkOptions, Listeners, LocalGate, Log, Mode, Progress, Role, Uplink, WatchConfig,
    },
    sys::{
        child,
        descriptor::close_inherited,
        lifeline::Lifeline,
        process::{self, Fork, Pid},
        signal::{self, SIGCHLD, SIGINT, SIGKILL, SIGTERM, SIGUSR1, SIGUSR2, Signals},
    },
    zend::{Callback, ObjRef, Thrown, Value, error},
};

use super::{
    super::{
        engine::{self, Engine, Part, Stop, ledger},
        exception::EXCEPTION,
    },
    master::MasterHooks,
    share,
    start::{self, Running},
    state::{MANAGER_PID, MASTER_PID, SETTING, ServerState, Shared},
};

/// Where I/O threads and workers meet. Made before the first fork.
pub(super) struct Hall {
    doors: RefCell<Doors>,
    /// The master has it; its end is at once that of manager and workers.
    pub(super) lifeline: Rc<Lifeline>,
    progress: Progress,
    how: LinkOptions,
}

/// What one connection may have waiting in its thread: at most, and as a rule at least.
const WINDOW: (usize, usize) = (256 * 1024, 16 * 1024);
/// How long the last output may take.
const LAST_OUTPUT: Duration = Duration::from_secs(5);
/// A manager that dies within this time is replaced with back-off.
const SHORT_LIFE: Duration = Duration::from_secs(1);
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// What a master with I/O threads adds to the loop.
struct GatePart {
    gates: RefCell<Option<ManuallyDrop<Gates>>>,
    /// The connections, where the program chooses the workers: on this loop then.
    local: RefCell<Option<Rc<LocalGate>>>,
    /// Who is asked.
    dispatcher: RefCell<Option<Dispatcher>>,
    /// Only the last output is waited for.
    finishing: Cell<bool>,
    signals: RefCell<Option<Signals>>,
    log: Rc<Log>,
    manager: Cell<Option<Manager>>,
    backoff: Cell<Duration>,
    /// How long a manager that was told to end may take.
    patience: Option<Duration>,
    stopping: Cell<bool>,
    exit_code: Cell<i32>,
    next: Cell<Next>,
}

/// The program's `dispatch_func`.
#[derive(Clone)]
struct Dispatcher {
    server: ObjRef,
    callback: Callback,
}

#[derive(Clone, Copy)]
struct Manager {
    pid: Pid,
    since: Instant,
}

/// What follows when the loop was left.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Next {
    /// The server has ended, or PHP has.
    #[default]
    End,
    /// A manager is forked.
    Fork,
}

impl Hall {
    fn new(config: &ServerConfig, workers: usize) -> io::Result<Hall> {
        let threads = config.reactor_num as usize;
        Ok(Hall {
            doors: RefCell::new(Doors::new(threads)?),
            lifeline: Rc::new(Lifeline::new()?),
            progress: Progress::new(threads, workers)?,
            how: LinkOptions {
                window: window(config.socket_buffer_size),
                discards: config.discard_timeout_request,
                is_shared: mode(config).is_shared() && !config.enable_unsafe_event,
                event_workers: config.worker_num as usize,
            },
        })
    }

    /// Links a worker to the I/O threads.
    pub(super) fn link(
        &self,
        shared: &Shared,
        worker_id: usize,
        lane: usize,
    ) -> io::Result<Uplink> {
        let uplink = Uplink::new(&self.doors.borrow(), &self.progress, worker_id, lane, self.how)?;
        let threads = 0..self.progress.threads();
        let row = |thread| shared.stats.row(shared.crew.len() + thread, 0);
        Ok(uplink.counting(threads.map(row).collect()))
    }
}

/// Runs a server with I/O threads. `Ok`: it has ended, and this is the master.
pub(super) fn run(engine: &Rc<Engine>, server: &ServerState, me: &ObjRef) -> Result<bool, Thrown> {
    let config = server.config.borrow().clone();
    let listeners = Rc::clone(&server.listeners.borrow());
    let threads = config.reactor_num as usize;
    let shared = share::share(server, me, threads)?;
    let hall = Hall::new(&config, shared.crew.len()).map_err(share::failed)?;
    let shared = Shared { hall: Some(Rc::new(hall)), ..shared };
    server.shared.replace(Some(shared.clone()));
    let opened = listeners.open_for_threads(threads, config.worker_num as usize);
    opened.map_err(|error| error::throw(&EXCEPTION, &error.to_string(), 0))?;
    engine.signals.suspend(engine);
    let part = GatePart::new(engine, &shared, &config)
        .inspect_err(|_| engine.signals.resume(engine))
        .map_err(share::failed)?;
    let part = Rc::new(part);
    me.set_slot(MASTER_PID, process::id());
    share::write_pid_file(server, process::id())?;
    engine.set_part(Some(Rc::clone(&part) as Rc<dyn Part>));
    engine.signals.resume(engine);
    let row = start::open_row(me, server);
    let hooks = MasterHooks { server: me.clone(), is_manager: false, pid: process::id() };
    let mut started = false;
    let master = process::id();
    let polled = loop {
        match part.fork(engine.reactor.refresh_now()) {
            Ok(Fork::Child) => return manage(part, master, &listeners, server, me),
            Ok(Fork::Parent(pid)) => me.set_slot(MANAGER_PID, pid),
            Err(error) => {
                part.log.error(format_args!("no manager can be forked: {error}"));
                part.put_off(engine);
            }
        }
        if !started {
            started = true;
            if let Err(thrown) = part.start_gates(engine, server, me, &shared) {
                part.stop(engine);
                engine.set_part(None);
                drop(part.signals.take());
                ledger().close(row);
                return Err(thrown);
            }
            hooks.on_start();
        }
        let polled = match engine.stop_reason() {
            None => engine.run_loop(),
            Some(_) => Ok(()),
        };
        if engine.is_copy() {
            return Err(error::throw_unwind_exit());
        }
        if polled.is_err() || part.next.take() == Next::End {
            break polled;
        }
        engine.forget_stop();
    };
    let stop = engine.stop_reason();
    part.end();
    listeners.close();
    if stop == Some(Stop::Asked) {
        hooks.on_shutdown();
    }
    engine.set_part(None);
    drop(part.signals.take());
    engine.signals.resume(engine);
    share::remove_pid_file(server);
    ledger().close(row);
    start::conclude(engine, stop, part.exit_code.get(), polled)
}

/// In the manager: the life of a master without connections, under a new loop.
fn manage(
    part: Rc<GatePart>,
    master: Pid,
    listeners: &Listeners,
    server: &ServerState,
    me: &ObjRef,
) -> Result<bool, Thrown> {
    if process::die_with_parent(master, SIGKILL).is_err() {
        let _ = process::kill(process::id(), SIGKILL);
    }
    if let Some(parent) = engine::current() {
        parent.set_part(None);
    }
    drop(part.signals.take());
    drop(part);
    listeners.leave_streams();
    if let Some(hall) = server.shared.borrow().as_ref().and_then(|shared| shared.hall.as_ref()) {
        hall.doors.borrow_mut().leave();
        hall.lifeline.let_go();
    }
    let engine = engine::forked()?;
    start::reseed();
    me.set_slot(MANAGER_PID, process::id());
    Running::new(&engine, server, me)?.run(&engine, server)?;
    Err(error::throw_unwind_exit())
}

fn gate_parts(
    server: &ServerState,
    shared: &Shared,
    config: &ServerConfig,
    listeners: &Listeners,
) -> io::Result<Vec<GateParts>> {
    let threads = config.reactor_num as usize;
    let hall = shared.hall.as_ref().ok_or(io::ErrorKind::NotFound)?;
    let ports = server.resolved.borrow().clone().ok_or(io::ErrorKind::NotFound)?;
    let mut parts = Vec::new();
    let cpus = child::affinity().unwrap_or_default();
    for (thread, listeners) in listeners.split(threads).into_iter().enumerate() {
        let door = hall.doors.borrow_mut().take(thread).ok_or(io::ErrorKind::NotFound)?;
        parts.push(GateParts {
            config: GateConfig {
                reactor_id: u16::try_from(thread).unwrap_or(0),
                workers: config.worker_num as usize,
                mode: mode(config),
                announces: announces(server, listeners.len())
                    || config.watch.delay_receive
                    || config.watch.heartbeat_check_interval.is_some(),
                delay_receive: config.watch.delay_receive,
                watch: WatchConfig::new(&config.watch),
                unsafe_events: config.enable_unsafe_event,
                discards: hall.how.discards,
                ports: ports.clone(),
                window: hall.how.window,
                buffer_total_size: config.watch.buffer_total_size,
            },
            shared: GateShared {
                sessions: shared.sessions.clone(),
                counters: shared.stats.row(shared.crew.len() + thread, 0),
                progress: hall.progress.clone(),
            },
            listeners,
            door,
            cpu: config.process.cpu(thread, &cpus),
        });
    }
    Ok(parts)
}

/// The better part of what may wait stays in the worker, so that threads need memory for the rest alone.
fn window(socket_buffer_size: usize) -> usize {
    let (most, least) = WINDOW;
    (socket_buffer_size / 4).clamp(least, most).min(socket_buffer_size)
}

fn mode(config: &ServerConfig) -> Mode {
    if config.dispatch_func {
        return Mode::Asked;
    }
    Mode::from_number(config.dispatch_mode.into()).unwrap_or_default()
}

/// Whether PHP wants to know of connections.
fn announces(server: &ServerState, ports: usize) -> bool {
    let told = |port, event| server.callback(port, event).is_some();
    (0u16..).take(ports).any(|port| told(port, "connect") || told(port, "close"))
}

impl GatePart {
    fn new(engine: &Engine, shared: &Shared, config: &ServerConfig) -> io::Result<GatePart> {
        let signals = Role::Master.take_signals()?;
        let token = Token::new(Source::Signal, Key::fixed(0));
        engine.reactor.register(&signals, token, Interest::READABLE)?;
        Ok(GatePart {
            gates: RefCell::new(None),
            local: RefCell::new(None),
            dispatcher: RefCell::new(None),
            finishing: Cell::new(false),
            signals: RefCell::new(Some(signals)),
            log: Rc::clone(&shared.log),
            manager: Cell::new(None),
            backoff: Cell::new(Duration::ZERO),
            patience: config.max_wait_time.map(|wait| wait + END_LIMIT + KILL_GRACE * 4),
            stopping: Cell::new(false),
            exit_code: Cell::new(0),
            next: Cell::new(Next::End),
        })
    }

    /// Starts the threads, or accepts on this loop where the program is asked.
    fn start_gates(
        &self,
        engine: &Engine,
        server: &ServerState,
        me: &ObjRef,
        shared: &Shared,
    ) -> Result<(), Thrown> {
        let config = server.config.borrow().clone();
        let listeners = Rc::clone(&server.listeners.borrow());
        let mut parts = gate_parts(server, shared, &config, &listeners).map_err(share::failed)?;
        let setting = me.slot(SETTING).as_array();
        let func = setting.and_then(|setting| setting.get(b"dispatch_func"));
        if let Some(func) = func.filter(|_| config.dispatch_func)
            && let Some(parts) = parts.pop()
        {
            let callback = Callback::from_value(&func).map_err(|why| {
                error::throw_type_error(&format!("option \"dispatch_func\": {why}"))
            })?;
            self.dispatcher.replace(Some(Dispatcher { server: me.clone(), callback }));
            let local = LocalGate::new(Rc::clone(&engine.reactor), parts).map_err(share::failed)?;
            self.local.replace(Some(Rc::new(local)));
            return Ok(());
        }
        let gates = Gates::start(parts).map_err(share::failed)?;
        self.gates.replace(Some(ManuallyDrop::new(gates)));
        Ok(())
    }

    fn local(&self) -> Option<Rc<LocalGate>> {
        self.local.borrow().clone()
    }

    /// Asks the program who gets what, until there is nothing more to ask.
    fn ask(&self, engine: &Engine, local: &LocalGate) {
        while let Some(question) = local.poll_question() {
            let dispatcher = self.dispatcher.borrow().clone();
            let Some(Dispatcher { server, callback }) = dispatcher else { return };
            let args = [
                Value::from(&server),
                Value::long(question.session().into()),
                Value::long(question.kind()),
                Value::str(&question.data()),
            ];
            let said = engine.call(0, callback, args);
            if engine.stop_reason().is_some() {
                return;
            }
            let worker = said.and_then(|said| usize::try_from(said.to_long()).ok());
            local.answer(question, worker);
            local.settle();
        }
    }

    /// Forks a manager while the threads stand still.
    fn fork(&self, now: Instant) -> io::Result<Fork> {
        let paused = self.gates.borrow().as_ref().map(|gates| gates.pause());
        let forked = process::fork();
        match (&forked, paused) {
            (Ok(Fork::Child), Some(paused)) => close_inherited(paused.descriptors()),
            (_, Some(paused)) => paused.resume(),
            (_, None) => {}
        }
        if let Ok(Fork::Parent(pid)) = &forked {
            self.manager.set(Some(Manager { pid: *pid, since: now }));
        }
        forked
    }

    /// The server shall end: nothing more is accepted, and the manager ends its workers.
    fn stop(&self, engine: &Engine) {
        if self.stopping.replace(true) {
            return;
        }
        if let Some(gates) = &*self.gates.borrow() {
            gates.stop();
        }
        if let Some(local) = self.local() {
            local.stop();
        }
        match self.manager.get() {
            Some(manager) => self.tell(manager.pid, SIGTERM),
            None => engine.stop(Stop::Asked),
        }
        if let Some(patience) = self.patience {
            self.wake_at(engine, patience);
        }
    }

    fn tell(&self, pid: Pid, signo: i32) {
        if let Err(error) = process::kill(pid, signo) {
            self.log.warning(format_args!("the manager cannot be told: {error}"));
        }
    }

    /// Takes the manager's end in: a new one follows, or the server's end.
    fn reap(&self, engine: &Engine) {
        let Some(manager) = self.manager.get() else { return };
        let Ok(Some(status)) = process::try_wait(manager.pid) else { return };
        self.manager.set(None);
        if self.stopping.get() {
            if self.exit_code.get() == 0 {
                self.exit_code.set(if status.signal == 0 { status.code } else { 1 });
            }
            let Some(local) = self.local() else { return engine.stop(Stop::Asked) };
            local.finish();
            self.finishing.set(true);
            return self.wake_at(engine, self.last_output());
        }
        let pid = manager.pid;
        let how = match (status.signal, status.code) {
            (0, code) => format!("ended with exit code {code}"),
            (signal, _) => format!("was killed by signal {signal}"),
        };
        self.log.warning(format_args!("the manager (pid {pid}) {how}: a new one is started"));
        let lived = engine.reactor.now().saturating_duration_since(manager.since);
        if lived < SHORT_LIFE {
            return self.put_off(engine);
        }
        self.backoff.set(Duration::ZERO);
        self.fork_next(engine);
    }

    fn fork_next(&self, engine: &Engine) {
        self.next.set(Next::Fork);
        engine.stop(Stop::Asked);
    }

    /// Tries again after a while that doubles.
    fn put_off(&self, engine: &Engine) {
        let (least, most) = BACKOFF;
        self.backoff.set((self.backoff.get() * 2).clamp(least, most));
        self.wake_at(engine, self.backoff.get());
    }

    fn wake_at(&self, engine: &Engine, after: Duration) {
        let token = Token::new(Source::Channel, Key::fixed(0));
        let at = engine.reactor.refresh_now() + after;
        engine.reactor.timers().borrow_mut().insert(at, token);
    }

    fn handle_signal(&self, engine: &Engine, signo: i32) {
        let manager = self.manager.get();
        match signo {
            SIGINT if self.stopping.get() => {
                self.log.notice(format_args!("interrupted again: the workers are killed"));
                self.exit_code.set(128 + SIGINT);
                // The kernel ends the workers with their manager.
                manager.inspect(|manager| self.tell(manager.pid, SIGKILL));
            }
            SIGTERM | SIGINT => self.stop(engine),
            SIGUSR1 | SIGUSR2 => {
                manager.inspect(|manager| self.tell(manager.pid, signo));
            }
            SIGCHLD => self.reap(engine),
            _ if signo == signal::sigrtmin() => {
                if let Err(error) = self.log.reopen() {
                    self.log.warning(format_args!("the log file cannot be opened anew: {error}"));
                }
                manager.inspect(|manager| self.tell(manager.pid, signo));
            }
            _ => {}
        }
    }

    /// How long the last output may take.
    fn last_output(&self) -> Duration {
        if self.exit_code.get() > 128 { Duration::ZERO } else { LAST_OUTPUT }
    }

    /// Sends what waits and ends the threads.
    fn end(&self) {
        let limit = self.last_output();
        self.local.take();
        self.dispatcher.take();
        if let Some(gates) = self.gates.take() {
            ManuallyDrop::into_inner(gates).finish(limit);
        }
    }
}

impl Part for GatePart {
    fn io(&self, _: &Engine, token: Token, ready: Ready) {
        if token.source() != Some(Source::Signal)
            && let Some(local) = self.local()
        {
            local.handle_ready(token, ready);
        }
    }

    fn timer(&self, engine: &Engine, token: Token) {
        if token.source() != Some(Source::Channel) {
            if let Some(local) = self.local() {
                local.handle_timer(token);
            }
            return;
        }
        if self.finishing.get() {
            return engine.stop(Stop::Asked);
        }
        match self.manager.get() {
            Some(manager) if self.stopping.get() => {
                self.log.warning(format_args!("the manager did not end in time: killed"));
                self.exit_code.set(1);
                self.tell(manager.pid, SIGKILL);
            }
            None if !self.stopping.get() => self.fork_next(engine),
            _ => {}
        }
    }

    fn signals(&self, engine: &Engine) {
        let arrived: Vec<i32> = match &*self.signals.borrow() {
            Some(signals) => signals.drain().collect(),
            None => return,
        };
        arrived.into_iter().for_each(|signo| self.handle_signal(engine, signo));
    }

    fn settle(&self, engine: &Engine) {
        let Some(local) = self.local() else { return };
        local.settle();
        self.ask(engine, &local);
        if self.finishing.get() && local.is_done() {
            engine.stop(Stop::Asked);
        }
    }
}
