//! `start()`: this process becomes the master; each of its children leaves the master's loop behind
//! and becomes a worker.

use std::{cell::RefCell, io, rc::Rc, sync::Arc, time::Duration};

use crate::{
    ledger::{Entry, Kind, RowId},
    server::{
        Master, MasterConfig, Message, Ports, Processes, Role, SharedParts, Step, WatchConfig,
        Worker, WorkerConfig, WorkerContext,
    },
    sys::{lifeline::Lifeline, process},
    zend::{Array, Call, ObjRef, Thrown, Value, error, process::reseed_after_fork},
};

use super::{
    super::{
        engine::{self, Engine, Stop, engine, ledger, since, site},
        exception::EXCEPTION,
        ledger::line,
        settings::warn,
    },
    class, life,
    master::{MasterHooks, MasterPart},
    port,
    post::{Place, Post},
    process_mode, share,
    state::{
        MANAGER_PID, MASTER_PID, PORT, SETTING, ServerState, TASKWORKER, WORKER_ID, WORKER_PID,
    },
    user_process,
    worker::{WorkerPart, WorkerParts},
};

/// Without an option the master waits this long for workers that were told to end.
const NO_LIMIT: Duration = Duration::from_secs(10 * 365 * 86_400);

/// `start(): bool`. Returns in the master when the server has ended; in a worker never.
pub(super) fn start(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let server = call.this::<ServerState>()?;
    let me = call.this_object()?;
    call.ret_bool(false);
    if !server.constructed.get() {
        return Err(error::throw(&EXCEPTION, class::NOT_CONSTRUCTED, 0));
    }
    if server.started.get() {
        return warn("The server was started before: a server object starts once");
    }
    class::apply(server, &me, &Array::new(0))?;
    if server.config.borrow().task_worker_num > 0 && !server.callbacks.has("task") {
        let text = "Event callback 'task' is missing: task workers need it";
        return Err(error::throw(&EXCEPTION, text, 0));
    }
    let engine = engine()?;
    if engine.part().is_some() {
        return warn("Another server is running in this process");
    }
    complete_setting(server, &me);
    let setting = me.slot(SETTING).as_array().unwrap_or_else(|| Array::new(0));
    let (ports, configs) = port::resolve(server, &setting, server.http.get())?;
    server.resolved.replace(Some(ports));
    server.started.set(true);
    life::check_affinity(&server.config.borrow().clone())?;
    life::daemonize(&engine, server)?;
    server.identity.replace(life::identity(&server.config.borrow().clone())?);
    share::set_listen_options(server, &configs);
    let ended = if server.process_mode.get() {
        process_mode::run(&engine, server, &me)?
    } else {
        Running::new(&engine, server, &me)?.run(&engine, server)?
    };
    call.ret_bool(ended);
    Ok(())
}

/// The master's side of a started server.
pub(super) struct Running {
    me: ObjRef,
    part: Rc<MasterPart>,
    master: Rc<Master>,
    row: RowId,
}

impl Running {
    /// The master state machine on this loop, for `SWOOLE_BASE` or in a manager.
    pub(super) fn new(
        engine: &Rc<Engine>,
        server: &ServerState,
        me: &ObjRef,
    ) -> Result<Running, Thrown> {
        let config = server.config.borrow().clone();
        let shared = match server.shared.borrow().clone() {
            // The manager's: its master has made it.
            Some(shared) => shared,
            None => share::share(server, me, 0)?,
        };
        let listeners = Rc::clone(&server.listeners.borrow());
        let lifeline = match &shared.hall {
            Some(hall) => Some(Rc::clone(&hall.lifeline)),
            None => Lifeline::new().ok().map(Rc::new),
        };
        let reactor = Rc::clone(&engine.reactor);
        let processes = Rc::new(Processes::new(reactor, &shared.office, lifeline));
        let is_manager = shared.hall.is_some();
        let hooks = Rc::new(MasterHooks { server: me.clone(), is_manager, pid: process::id() });
        let crew = shared.crew;
        let master = Rc::new(Master::new(
            processes.clone(),
            hooks,
            Rc::clone(&shared.log),
            SharedParts {
                listeners,
                stats: shared.stats.clone(),
                office: Arc::clone(&shared.office),
                sessions: Some(shared.sessions.clone()),
                tasks: shared.tasks.clone(),
            },
            MasterConfig { crew, max_wait_time: config.max_wait_time.unwrap_or(NO_LIMIT) },
        ));
        engine.signals.suspend(engine);
        let role = if is_manager { Role::Manager } else { Role::Master };
        shared.log.set_process(role, 0);
        let part = MasterPart::new(engine, role, Rc::clone(&master), processes)
            .inspect_err(|_| engine.signals.resume(engine));
        let part = part.map_err(share::failed)?;
        let part = Rc::new(part);
        server.shared.replace(Some(shared));
        server.master.replace(Some(Rc::clone(&master)));
        let pid = process::id();
        me.set_slot(MANAGER_PID, pid);
        if !is_manager {
            me.set_slot(MASTER_PID, pid);
            share::write_pid_file(server, pid)?;
        }
        engine.set_part(Some(Rc::clone(&part) as Rc<dyn engine::Part>));
        engine.signals.resume(engine);
        let row = open_row(me, server);
        Ok(Running { me: me.clone(), part, master, row })
    }

    /// Runs the master's loop. `Ok`: the server has ended, and this is the master.
    pub(super) fn run(self, engine: &Rc<Engine>, server: &ServerState) -> Result<bool, Thrown> {
        let started = self.master.start(engine.reactor.refresh_now());
        match started {
            Ok(step) => self.part.handle_step(engine, step),
            Err(error) => {
                self.tear_down(engine, server);
                return Err(error::throw(&EXCEPTION, &error.to_string(), 0));
            }
        }
        let polled = match engine.stop_reason() {
            None => engine.run_loop(),
            Some(_) => Ok(()),
        };
        if let Some(Step::Child(context)) = self.part.take_step() {
            return become_worker(self, server, context);
        }
        if engine.is_copy() {
            self.part.release_signals();
            leave_copy(engine, server);
            return Err(error::throw_unwind_exit());
        }
        let code = self.master.exit_code();
        let stop = engine.stop_reason();
        self.tear_down(engine, server);
        conclude(engine, stop, code, polled)
    }

    /// Undoes `new`: signals, the loop's part, the references on the server object.
    fn tear_down(&self, engine: &Engine, server: &ServerState) {
        engine.set_part(None);
        self.part.release_signals();
        engine.signals.resume(engine);
        server.master.replace(None);
        share::remove_pid_file(server);
        ledger().close(self.row);
    }
}

/// What `start()` comes to in a master whose loop has ended.
pub(super) fn conclude(
    engine: &Engine,
    stop: Option<Stop>,
    code: i32,
    polled: io::Result<()>,
) -> Result<bool, Thrown> {
    engine.release_all();
    if let Err(error) = polled {
        return Err(error::throw_error(&format!("Unable to poll for events: {error}")));
    }
    match stop {
        Some(Stop::Exit | Stop::Failed | Stop::Fatal) => Err(error::throw_unwind_exit()),
        _ if code != 0 => {
            error::set_exit_status(code);
            Err(error::throw_unwind_exit())
        }
        _ => {
            engine.forget_stop();
            Ok(true)
        }
    }
}

/// In a child: a new engine in place of the master's, then the worker's whole life. PHP unwinds
/// when it is over.
fn become_worker(
    running: Running,
    server: &ServerState,
    context: WorkerContext,
) -> Result<bool, Thrown> {
    let Running { me, part, master, .. } = running;
    if let Some(parent) = engine::current() {
        parent.set_part(None);
    }
    part.release_signals();
    server.master.replace(None);
    drop((part, master));
    let engine = engine::forked()?;
    reseed();
    let row = open_row(&me, server);
    let served = serve(&engine, server, &me, context);
    if engine.is_copy() {
        leave_copy(&engine, server);
        return Err(error::throw_unwind_exit());
    }
    let worker = server.worker.take();
    if let Some(worker) = &worker {
        worker.say_ending();
        worker.note_stop(engine.stop_reason());
    }
    if let Some(worker) = &worker
        && engine.stop_reason() != Some(Stop::Fatal)
        && served.is_ok()
        && worker.post.place.role != Role::UserProcess
    {
        worker.call_stop(&engine);
    }
    // What PHP's own shutdown starts has no loop to run on any more: it must not keep the process.
    engine.stop(Stop::Exit);
    engine.release_all();
    if let Some(worker) = &worker {
        worker.connections.flush_at_end();
        worker.give_rest(&engine);
    }
    engine.set_part(None);
    ledger().close(row);
    report_rows(server);
    if let Some(worker) = worker {
        worker.report();
        worker.connections.lose(&worker.post.end(&engine));
        worker.end();
        LEFT.replace(Some(Rc::clone(&worker.connections)));
    }
    if let Err(error) = &served {
        error::throw_error(&format!("Unable to run the worker: {error}"));
    }
    Err(error::throw_unwind_exit())
}

/// In a process that a callback of this one has started, at its end: nothing is sent or closed, but
/// the copies of what the server holds of PHP go, as the server object does.
fn leave_copy(engine: &Engine, server: &ServerState) {
    engine.set_part(None);
    drop(server.master.take());
    drop(server.worker.take());
}

thread_local! {
    /// The connections of a worker that has left its loop, until PHP has freed all of its objects:
    /// a response that goes then is still answered (contract C4).
    static LEFT: RefCell<Option<Rc<Worker>>> = const { RefCell::new(None) };
}

/// The end of a worker's request: what nobody has answered by now is answered with 500.
pub(in super::super) fn shut_down() {
    if let Some(connections) = LEFT.take() {
        connections.abandon();
        connections.flush_at_end();
    }
}

fn serve(
    engine: &Rc<Engine>,
    server: &ServerState,
    me: &ObjRef,
    context: WorkerContext,
) -> io::Result<()> {
    let shared = server.shared.borrow().clone();
    let ports = server.resolved.borrow().clone();
    let (Some(shared), Some(ports)) = (shared, ports) else { return Ok(()) };
    life::take_on(&server.identity.borrow(), &shared.log);
    life::name(engine, context.role, context.worker_id);
    if context.role == Role::Worker {
        life::bind_to_cpu(&server.config.borrow(), context.worker_id, &shared.log);
    }
    let signals = context.role.take_signals()?;
    shared.log.set_process(context.role, context.worker_id);
    let place = Place {
        crew: shared.crew,
        role: context.role,
        slot: context.worker_id,
        lane: context.lane,
        generation: context.generation,
    };
    let (office, tasks) = (Arc::clone(&shared.office), shared.tasks.clone());
    let post = Post::new(engine, office, context.address, place, tasks)?;
    let connections = Rc::new(Worker::new(
        worker_config(server, ports, context.worker_id, context.address.number()),
        Rc::clone(&engine.reactor),
        Rc::clone(&engine.buffers),
        context.stats,
        shared.sessions.clone(),
        context.listeners,
    )?);
    let task_max_request = {
        let config = server.config.borrow();
        max_request(config.task_max_request, config.max_request_grace)
    };
    let part = Rc::new(WorkerPart::new(
        engine,
        WorkerParts {
            connections,
            worker_id: context.worker_id,
            server: me.clone(),
            channel: context.channel,
            signals,
            post,
            task_max_request,
            log: Rc::clone(&shared.log),
        },
    )?);
    server.worker.replace(Some(Rc::clone(&part)));
    me.set_slot(WORKER_ID, i64::try_from(context.worker_id).unwrap_or(-1));
    me.set_slot(WORKER_PID, process::id());
    me.set_slot(TASKWORKER, context.role == Role::TaskWorker);
    engine.set_part(Some(Rc::clone(&part) as Rc<dyn engine::Part>));
    if context.role == Role::UserProcess {
        part.tell(Message::Ready);
        let number = context.worker_id - part.post.place.crew.all_workers();
        user_process::live(engine, server, number);
        return Ok(());
    }
    engine.end_on_exception(true);
    part.call_life(engine, "workerstart");
    engine.end_on_exception(false);
    if engine.stop_reason().is_none()
        && let Some(hall) = &shared.hall
    {
        part.connections.attach(hall.link(&shared, context.worker_id, context.lane)?)?;
    }
    part.tell(Message::Ready);
    part.recycling.begin(engine, part.log());
    if engine.stop_reason().is_none() { engine.run_loop() } else { Ok(()) }
}

fn worker_config(server: &ServerState, ports: Ports, worker_id: usize, owner: u16) -> WorkerConfig {
    let config = server.config.borrow();
    WorkerConfig {
        worker_id: u16::try_from(worker_id).unwrap_or(u16::MAX),
        owner,
        ports,
        buffer_total_size: config.watch.buffer_total_size,
        delay_receive: config.watch.delay_receive,
        watch: WatchConfig::new(&config.watch),
        max_request: max_request(config.max_request, config.max_request_grace),
    }
}

/// The limit with its random share, so that workers do not all retire at once.
fn max_request(limit: u64, grace: u64) -> u64 {
    if limit == 0 || grace == 0 {
        return limit;
    }
    limit + u64::from(wall_entropy()) % (grace + 1)
}

/// Other random numbers than the parent's.
pub(super) fn reseed() {
    reseed_after_fork(wall_entropy());
}

fn wall_entropy() -> u32 {
    since().subsec_nanos() ^ process::id().unsigned_abs().wrapping_mul(0x9E37_79B1)
}

pub(super) fn open_row(me: &ObjRef, server: &ServerState) -> RowId {
    let host = me.slot(super::state::HOST).as_zstr().unwrap_or_else(crate::zend::ZStr::empty);
    ledger().open(Entry {
        kind: Kind::Server,
        class: Some(me.class_name()),
        object_id: me.id(),
        state: "running",
        peer: Some((host, server.port.get())),
        site: site(),
        since: since(),
    })
}

/// Contract T3: a worker that has released everything names what is still held all the same.
fn report_rows(server: &ServerState) {
    let Some(shared) = server.shared.borrow().clone() else { return };
    for row in ledger().rows() {
        if row.entry.kind != Kind::Server {
            shared.log.notice(format_args!("still held: {}", line(&row, since())));
        }
    }
}

fn complete_setting(server: &ServerState, me: &ObjRef) {
    let slot = super::state::SETTING;
    let mut setting = me.slot(slot).as_array().unwrap_or_else(|| Array::new(8));
    let config = server.config.borrow().clone();
    let int = |number: usize| Value::long(i64::try_from(number).unwrap_or(i64::MAX));
    setting.insert(b"worker_num", i64::from(config.worker_num));
    setting.insert(b"task_worker_num", i64::from(config.task_worker_num));
    setting.insert(b"buffer_output_size", int(config.buffer_output_size));
    setting.insert(b"max_connection", int(share::most_sessions(&config)));
    if server.http.get() {
        if setting.get(b"open_http_protocol").is_none() {
            setting.insert(b"open_http_protocol", true);
        }
        for key in [&b"open_eof_check"[..], b"open_length_check", b"open_mqtt_protocol"] {
            if setting.get(key).is_none() {
                setting.insert(key, false);
            }
        }
    }
    me.set_slot(slot, setting);
    me.set_slot(PORT, i64::from(server.port.get()));
}
