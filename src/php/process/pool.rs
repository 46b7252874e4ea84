//! `Swoole\Process\Pool`: a manager that keeps a number of workers running.
//!
//! The manager is the process that called `start()`. It replaces every worker that ends, with a
//! growing delay when one dies young, until it is told to stop.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::{Duration, Instant},
};

use crate::{
    reactor::{Interest, Key, Ready, Source, TimerKey, Token},
    sys::{
        child, errno,
        message_queue::MessageQueue,
        process::{self, Fork, Pid},
        signal::{SIGCHLD, SIGINT, SIGKILL, SIGTERM, SIGUSR1, SIGUSR2, Signals},
    },
    zend::{
        Arg, Call, ClassDef, Method, ObjRef, Slot, State, Thrown, Tracer, Value,
        class::{Class, Handlers},
        define::Const,
        error,
        process::in_cli,
    },
};

use super::{
    super::{
        callbacks::Callbacks,
        engine::{self, Engine, Part, Stop, engine},
        settings::warn,
    },
    failure, has_started, make, pool_listen,
    pool_listen::Listening,
    pool_worker, refused,
};

pub(in super::super) static POOL: Class = Class::new("Swoole\\Process\\Pool");
static HANDLERS: Handlers = Handlers::new();
const MASTER_PID: Slot = Slot(0);

pub(super) const IPC_NONE: i64 = 0;
pub(super) const IPC_UNIXSOCK: i64 = 1;
pub(super) const IPC_MSGQUEUE: i64 = 2;
pub(super) const IPC_SOCKET: i64 = 3;

const EVENTS: [&str; 3] = ["workerstart", "workerstop", "message"];
/// The most workers.
const WORKERS: i64 = 4096;
/// A worker that ends sooner is started again with a delay, which doubles.
const YOUNG: Duration = Duration::from_secs(1);
const DELAY: Duration = Duration::from_millis(100);
const DELAY_MAX: Duration = Duration::from_secs(5);
/// A worker that was told to end and has not done so is killed.
const PATIENCE: Duration = Duration::from_secs(5);
/// A worker that waits for a message may have missed that it was told.
const REMIND: Duration = Duration::from_millis(500);

/// Registers the class.
pub(super) fn register() {
    ClassDef::new::<PoolState>(&POOL)
        .alias("swoole_process_pool")
        .property("master_pid", Const::Null)
        .method(
            Method::new("__construct", construct)
                .arg(Arg::new("worker_num", "int"))
                .arg(Arg::new("ipc_type", "int").default("SWOOLE_IPC_NONE"))
                .arg(Arg::new("msgqueue_key", "int").default("0")),
        )
        .method(
            Method::new("on", on)
                .arg(Arg::new("event", "string"))
                .arg(Arg::new("callback", "callable"))
                .returns("bool"),
        )
        .method(
            Method::new("listen", listen)
                .arg(Arg::new("host", "string"))
                .arg(Arg::new("port", "int").default("0"))
                .arg(Arg::new("backlog", "int").default("2048"))
                .returns("bool"),
        )
        .method(Method::new("write", write).arg(Arg::new("data", "string")).returns("bool"))
        .method(
            Method::new("getProcess", get_process)
                .arg(Arg::new("worker_id", "int").default("-1"))
                .returns("Swoole\\Process|false"),
        )
        .method(Method::new("start", start).returns("bool"))
        .method(Method::new("shutdown", shut_down).returns("bool"))
        .register();
}

/// The state of a `Swoole\Process\Pool`.
pub(super) struct PoolState {
    pub(super) callbacks: Callbacks,
    pub(super) ipc: Cell<i64>,
    pub(super) queue: Cell<Option<MessageQueue>>,
    pub(super) listening: RefCell<Option<Rc<Listening>>>,
    /// A `Swoole\Process` for each worker, in the order of their ids.
    pub(super) workers: RefCell<Vec<ObjRef>>,
    /// In a worker: its id.
    pub(super) worker_id: Cell<Option<usize>>,
    /// What the running message is answered with, if it can be answered.
    pub(super) answer: RefCell<Option<Vec<u8>>>,
    count: Cell<usize>,
    started: Cell<bool>,
}

impl State for PoolState {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn create() -> Self {
        PoolState {
            callbacks: Callbacks::default(),
            ipc: Cell::new(IPC_NONE),
            queue: Cell::new(None),
            listening: RefCell::new(None),
            workers: RefCell::default(),
            worker_id: Cell::new(None),
            answer: RefCell::new(None),
            count: Cell::new(0),
            started: Cell::new(false),
        }
    }

    fn trace(&self, tracer: &mut Tracer) {
        self.callbacks.trace(tracer);
        if let Ok(workers) = self.workers.try_borrow() {
            workers.iter().for_each(|worker| tracer.object(worker));
        }
    }
}

fn construct(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 3)?;
    let (count, ipc, key) = (call.long(0)?, call.long_or(1, IPC_NONE)?, call.long_or(2, 0)?);
    let state = call.this::<PoolState>()?;
    if !in_cli() {
        return Err(refused("Processes work on the command line only", 0));
    }
    if state.count.get() > 0 {
        return Err(error::throw_error("The pool exists already"));
    }
    if !(1..=WORKERS).contains(&count) {
        let text = format!("The number of workers must be between 1 and {WORKERS}");
        return Err(refused(&text, errno::EINVAL));
    }
    if !(IPC_NONE..=IPC_SOCKET).contains(&ipc) {
        return Err(refused("The type of IPC must be one of SWOOLE_IPC_*", errno::EINVAL));
    }
    if ipc == IPC_MSGQUEUE {
        let key = i32::try_from(key).ok().filter(|key| *key != 0);
        let Some(key) = key else {
            return Err(refused("A message queue needs a key of 32 bits", errno::EINVAL));
        };
        let queue = MessageQueue::open(key).map_err(|failed| {
            let number = errno::of(&failed);
            refused(&format!("The queue cannot be opened: {}", errno::text(number)), number)
        })?;
        state.queue.set(Some(queue));
    }
    state.ipc.set(ipc);
    state.count.set(usize::try_from(count).unwrap_or(1));
    Ok(())
}

fn constructed<'c>(call: &'c Call<'_>) -> Result<&'c PoolState, Thrown> {
    let state = call.this::<PoolState>()?;
    if state.count.get() == 0 {
        return Err(error::throw_error("The constructor of the pool was not called"));
    }
    Ok(state)
}

fn on(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let (state, name, callback) = (constructed(call)?, call.str(0)?, call.callable(1)?);
    call.ret_bool(false);
    if state.started.get() {
        return warn("The pool was started: callbacks are registered before");
    }
    let Some(event) = EVENTS.iter().find(|event| name.eq_ignore_ascii_case(event.as_bytes()))
    else {
        let name = String::from_utf8_lossy(name);
        return warn(&format!("The event '{name}' is unknown: WorkerStart, WorkerStop or Message"));
    };
    if *event == "message" && state.ipc.get() == IPC_NONE {
        return warn("Messages need a type of IPC: it is the constructor's second argument");
    }
    state.callbacks.set(event, callback);
    call.ret_bool(true);
    Ok(())
}

fn listen(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 3)?;
    let (state, host) = (constructed(call)?, call.str(0)?);
    let (port, backlog) = (call.long_or(1, 0)?, call.long_or(2, 2048)?);
    call.ret_bool(false);
    if state.started.get() {
        return warn("The pool was started: it listens before");
    }
    if state.ipc.get() != IPC_SOCKET {
        return warn("Only a pool with SWOOLE_IPC_SOCKET listens");
    }
    let Ok(port) = u16::try_from(port) else {
        return Err(error::throw_argument_value_error(1, "must be between 0 and 65535"));
    };
    let backlog = i32::try_from(backlog).unwrap_or(i32::MAX).max(1);
    match pool_listen::listen(host, port, backlog) {
        Ok(listening) => {
            let replaced = state.listening.replace(Some(Rc::new(listening)));
            drop(replaced);
            call.ret_bool(true);
            Ok(())
        }
        Err(failed) => failure("The pool cannot listen", &failed),
    }
}

fn write(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let (state, data) = (constructed(call)?, call.str(0)?);
    call.ret_bool(false);
    if data.is_empty() {
        return warn("The data is empty");
    }
    let refused = match &mut *state.answer.borrow_mut() {
        None => Some("Only a message that came over a socket is answered, in its callback".into()),
        Some(answer) if answer.len() + data.len() > pool_worker::PACKAGE_MAX => {
            Some(format!("An answer has at most {} bytes", pool_worker::PACKAGE_MAX))
        }
        Some(answer) => {
            answer.extend_from_slice(data);
            None
        }
    };
    match refused {
        Some(text) => warn(&text),
        None => {
            call.ret_bool(true);
            Ok(())
        }
    }
}

fn get_process(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let (state, id) = (constructed(call)?, call.long_or(0, -1)?);
    call.ret_bool(false);
    let id = if id < 0 { state.worker_id.get() } else { usize::try_from(id).ok() };
    let process = id.and_then(|id| state.workers.borrow().get(id).cloned());
    match process {
        Some(process) => {
            call.ret_value(process);
            Ok(())
        }
        None => warn("There is no such worker: the pool was not started, or this is none of it"),
    }
}

/// Tells the manager to stop, from any process of the pool.
fn shut_down(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    constructed(call)?;
    call.ret_bool(false);
    let manager = call.this_object()?.slot(MASTER_PID).as_long();
    let Some(manager) = manager.and_then(|pid| Pid::try_from(pid).ok()) else {
        return warn("The pool was not started");
    };
    match process::kill(manager, SIGTERM) {
        Ok(()) => {
            call.ret_bool(true);
            Ok(())
        }
        Err(failed) => failure("The manager cannot be told", &failed),
    }
}

fn start(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let (state, me) = (constructed(call)?, call.this_object()?);
    call.ret_bool(false);
    if state.started.get() {
        return warn("The pool was started before");
    }
    let needed = match state.ipc.get() {
        IPC_NONE => "workerstart",
        _ => "message",
    };
    if !state.callbacks.has(needed) && !state.callbacks.has("workerstart") {
        let text = "The callback 'WorkerStart' is missing: register it with on() before start()";
        return Err(refused(text, 0));
    }
    if state.ipc.get() == IPC_SOCKET && state.listening.borrow().is_none() {
        return Err(refused("A pool with SWOOLE_IPC_SOCKET needs listen() before start()", 0));
    }
    let engine = engine()?;
    if engine.part().is_some() || engine.is_running() {
        return warn("A pool is started outside of the loop, and where no server runs");
    }
    let processes = (0..state.count.get()).map(|_| make()).collect::<Result<Vec<_>, _>>()?;
    state.workers.replace(processes);
    state.started.set(true);
    me.set_slot(MASTER_PID, process::id());
    engine.signals.suspend(&engine);
    let manager = match Manager::new(&engine, state.count.get()) {
        Ok(manager) => Rc::new(manager),
        Err(failed) => {
            engine.signals.resume(&engine);
            state.started.set(false);
            return failure("The pool cannot be started", &failed);
        }
    };
    engine.set_part(Some(Rc::clone(&manager) as Rc<dyn Part>));
    engine.signals.resume(&engine);
    manager.run(&engine, state, &me)?;
    engine.set_part(None);
    drop(manager.signals.take());
    engine.signals.resume(&engine);
    let workers = state.workers.take();
    drop(workers);
    state.started.set(false);
    match engine.stop_reason() {
        Some(Stop::Exit | Stop::Failed | Stop::Fatal) => {
            engine.release_all();
            Err(error::throw_unwind_exit())
        }
        None | Some(Stop::Asked) => {
            engine.forget_stop();
            call.ret_bool(true);
            Ok(())
        }
    }
}

/// The manager's part of the loop.
struct Manager {
    signals: RefCell<Option<Signals>>,
    places: RefCell<Vec<Place>>,
    stopping: Cell<bool>,
    timer: Cell<Option<TimerKey>>,
}

/// One worker's place.
#[derive(Clone)]
struct Place {
    pid: Option<Pid>,
    since: Instant,
    /// Without a process: when the next one is started.
    due: Instant,
    delay: Duration,
    /// It was told to end: when it is killed.
    until: Option<Instant>,
    /// When it is told again.
    remind: Option<Instant>,
}

impl Manager {
    fn new(engine: &Engine, count: usize) -> std::io::Result<Manager> {
        let signals = Signals::new(&[SIGTERM, SIGINT, SIGCHLD, SIGUSR1, SIGUSR2])?;
        let token = Token::new(Source::Signal, Key::fixed(0));
        engine.reactor.register(&signals, token, Interest::READABLE)?;
        let now = engine.reactor.refresh_now();
        let place = Place {
            pid: None,
            since: now,
            due: now,
            delay: Duration::ZERO,
            until: None,
            remind: None,
        };
        Ok(Manager {
            signals: RefCell::new(Some(signals)),
            places: RefCell::new(vec![place; count]),
            stopping: Cell::new(false),
            timer: Cell::new(None),
        })
    }

    /// Until the pool has ended. `Err`: this is a worker, whose life is over.
    fn run(&self, engine: &Engine, pool: &PoolState, me: &ObjRef) -> Result<(), Thrown> {
        loop {
            let now = engine.reactor.refresh_now();
            self.reap(now);
            for id in self.due(now) {
                match process::fork() {
                    Ok(Fork::Child) => {
                        drop(self.signals.take());
                        return Err(pool_worker::live(pool, me, id));
                    }
                    Ok(Fork::Parent(pid)) => self.started(pool, id, pid, now),
                    Err(_) => self.put_off(id, now),
                }
            }
            if self.stopping.get() && self.places.borrow().iter().all(|place| place.pid.is_none()) {
                return Ok(());
            }
            self.arm(engine);
            engine.forget_stop();
            let polled = engine.run_loop();
            if engine.is_copy() {
                return Err(error::throw_unwind_exit());
            }
            let ends = !matches!(engine.stop_reason(), None | Some(Stop::Asked));
            if ends || polled.is_err() {
                self.end_at_once();
                return Ok(());
            }
        }
    }

    fn started(&self, pool: &PoolState, id: usize, pid: Pid, now: Instant) {
        let process = pool.workers.borrow().get(id).cloned();
        if let Some(process) = process {
            has_started(&process, pid);
        }
        if let Some(place) = self.places.borrow_mut().get_mut(id) {
            *place =
                Place { pid: Some(pid), since: now, until: None, remind: None, ..place.clone() };
        }
    }

    fn put_off(&self, id: usize, now: Instant) {
        if let Some(place) = self.places.borrow_mut().get_mut(id) {
            place.put_off(now);
        }
    }

    fn due(&self, now: Instant) -> Vec<usize> {
        if self.stopping.get() {
            return Vec::new();
        }
        let places = self.places.borrow();
        let waits = |place: &Place| place.pid.is_none() && place.due <= now;
        places.iter().enumerate().filter(|(_, place)| waits(place)).map(|(id, _)| id).collect()
    }

    /// Takes the status of workers that have ended, kills those that do not.
    fn reap(&self, now: Instant) {
        for place in self.places.borrow_mut().iter_mut() {
            let Some(pid) = place.pid else { continue };
            if !matches!(process::try_wait(pid), Ok(None)) {
                place.pid = None;
                if place.until.is_none() && now.saturating_duration_since(place.since) < YOUNG {
                    place.put_off(now);
                } else {
                    (place.delay, place.due) = (Duration::ZERO, now);
                }
            } else if place.until.is_some_and(|until| until <= now) {
                let _ = process::kill(pid, SIGKILL);
                place.until = Some(now + PATIENCE);
            } else if place.remind.is_some_and(|at| at <= now) {
                let _ = process::kill(pid, SIGTERM);
                place.remind = Some(now + REMIND);
            }
        }
    }

    /// Tells all workers to end.
    fn end_all(&self, now: Instant) {
        for place in self.places.borrow_mut().iter_mut() {
            if let Some(pid) = place.pid {
                let _ = process::kill(pid, SIGTERM);
                place.until = place.until.or(Some(now + PATIENCE));
                place.remind = Some(now + REMIND);
            }
        }
    }

    fn end_at_once(&self) {
        for place in self.places.borrow_mut().iter_mut() {
            if let Some(pid) = place.pid.take() {
                let _ = process::kill(pid, SIGKILL);
                // It cannot refuse: this takes its status and does not wait for long.
                let _ = child::wait_for(pid);
            }
        }
    }

    fn arm(&self, engine: &Engine) {
        let mut timers = engine.reactor.timers().borrow_mut();
        if let Some(old) = self.timer.take() {
            timers.cancel(old);
        }
        let places = self.places.borrow();
        let stopping = self.stopping.get();
        let next = places.iter().filter_map(|place| match place.pid {
            Some(_) => place.until.into_iter().chain(place.remind).min(),
            None => (!stopping).then_some(place.due),
        });
        if let Some(at) = next.min() {
            self.timer.set(Some(timers.insert(at, Token::new(Source::Channel, Key::fixed(0)))));
        }
    }
}

impl Place {
    fn put_off(&mut self, now: Instant) {
        self.delay = (self.delay * 2).clamp(DELAY, DELAY_MAX);
        self.due = now + self.delay;
    }
}

impl Part for Manager {
    fn io(&self, _: &Engine, _: Token, _: Ready) {}

    fn timer(&self, engine: &Engine, token: Token) {
        if token.source() == Some(Source::Channel) {
            self.timer.set(None);
            engine.stop(Stop::Asked);
        }
    }

    fn signals(&self, engine: &Engine) {
        let arrived: Vec<i32> = match &*self.signals.borrow() {
            Some(signals) => signals.drain().collect(),
            None => return,
        };
        let now = engine.reactor.now();
        for signo in arrived {
            match signo {
                SIGINT if self.stopping.get() => self.end_at_once(),
                SIGTERM | SIGINT => {
                    self.stopping.set(true);
                    self.end_all(now);
                }
                SIGUSR1 | SIGUSR2 => self.end_all(now),
                _ => {}
            }
            engine.signals.handle_arrived(signo);
            // The places are looked at outside of the turn: what is forked goes on there.
            engine.stop(Stop::Asked);
        }
    }

    fn take_signal(&self, signo: i32) -> std::io::Result<()> {
        match &*self.signals.borrow() {
            Some(signals) if !signals.holds(signo) => signals.add(signo),
            _ => Err(std::io::ErrorKind::AlreadyExists.into()),
        }
    }

    fn settle(&self, _: &Engine) {}
}

/// What a callback of the pool is called with first.
pub(super) fn pool_and(me: &ObjRef, more: impl Into<Value>) -> [Value; 2] {
    [Value::from(me), more.into()]
}

/// The engine of a worker that was just forked.
pub(super) fn forked() -> Result<Rc<Engine>, Thrown> {
    engine::forked()
}
