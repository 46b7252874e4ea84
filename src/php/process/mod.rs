//! `Swoole\Process`: a PHP callback in a process of its own, and a pipe or a queue to it.
//!
//! The child leaves the parent's loop behind ([`engine::forked`]), runs the callback, then its own
//! loop until nothing is pending, and unwinds. Nothing of the parent's is sent, released or told by
//! it. A server that runs such a process itself (`addProcess`) forks by its own means and calls
//! [`has_started`] in the parent, [`live`] in the child.

mod control;
mod pipe;
mod pool;
mod pool_listen;
mod pool_worker;
mod queue;
mod signals;

use std::cell::{Cell, RefCell};

use crate::{
    net::Pipe,
    reactor::wall,
    sys::{
        child, descriptor, errno,
        process::{self, Fork, Pid},
    },
    zend::{
        Arg, Call, Callback, ClassDef, Method, ObjRef, Slot, State, Thrown, Tracer, Value,
        class::{Class, Handlers},
        define::Const,
        error,
        process::{in_cli, reseed_after_fork},
    },
};

use super::{
    engine::{self, Engine, Stop},
    exception::EXCEPTION,
    functions::{set_last_error, unixsock_buffer_size},
    settings::warn,
};

/// `Swoole\Process`.
pub(super) static PROCESS: Class = Class::new("Swoole\\Process");
static HANDLERS: Handlers = Handlers::new();

const PIPE: Slot = Slot(0);
const CALLBACK: Slot = Slot(1);
const PID: Slot = Slot(2);
const ID: Slot = Slot(3);
const QUEUE_ID: Slot = Slot(4);
const QUEUE_KEY: Slot = Slot(5);

/// Pipe types of the constructor.
const NO_PIPE: i64 = 0;
const STREAM: i64 = 1;
const DATAGRAM: i64 = 2;

/// Registers the class.
pub(super) fn register() {
    let mut class = ClassDef::new::<ProcessState>(&PROCESS)
        .alias("swoole_process")
        .constant("IPC_NOWAIT", Const::Long(queue::IPC_NOWAIT))
        .constant("PIPE_MASTER", Const::Long(pipe::MASTER))
        .constant("PIPE_WORKER", Const::Long(pipe::WORKER))
        .constant("PIPE_READ", Const::Long(pipe::READ))
        .constant("PIPE_WRITE", Const::Long(pipe::WRITE));
    for name in ["pipe", "callback", "pid", "id", "msgQueueId", "msgQueueKey"] {
        class = class.property(name, Const::Null);
    }
    class = class
        .method(
            Method::new("__construct", construct)
                .arg(Arg::new("callback", "callable"))
                .arg(Arg::new("redirect_stdin_and_stdout", "bool").default("false"))
                .arg(Arg::new("pipe_type", "int|bool").default("2")),
        )
        .method(Method::new("start", start).returns("int|false"));
    let methods = pipe::methods().into_iter().chain(queue::methods()).chain(control::methods());
    for method in methods.chain(signals::methods()) {
        class = class.method(method);
    }
    class.register();
    pool::register();
}

/// The state of a `Swoole\Process`.
pub(super) struct ProcessState {
    callback: RefCell<Option<Callback>>,
    redirect: Cell<bool>,
    /// The parent's end and the child's. Both processes have both until they close one.
    master: RefCell<Option<Pipe>>,
    worker: RefCell<Option<Pipe>>,
    /// How long the pipe may be waited for.
    timeout: Cell<Option<std::time::Duration>>,
    queue: Cell<Option<queue::Queue>>,
    /// The child, as the parent knows it; 0 before the start.
    child: Cell<Pid>,
    /// In the child: the parent. 0 elsewhere.
    parent: Cell<Pid>,
    /// Who has started it; 0 before the start.
    starter: Cell<Pid>,
    id: Cell<i64>,
}

impl State for ProcessState {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn create() -> Self {
        ProcessState {
            callback: RefCell::new(None),
            redirect: Cell::new(false),
            master: RefCell::new(None),
            worker: RefCell::new(None),
            timeout: Cell::new(None),
            queue: Cell::new(None),
            child: Cell::new(0),
            parent: Cell::new(0),
            starter: Cell::new(0),
            id: Cell::new(-1),
        }
    }

    fn trace(&self, tracer: &mut Tracer) {
        if let Ok(callback) = self.callback.try_borrow()
            && let Some(callback) = &*callback
        {
            tracer.callback(callback);
        }
    }
}

impl ProcessState {
    /// Whether this process is the one that the object stands for.
    fn is_child(&self) -> bool {
        self.parent.get() != 0 && self.child.get() == process::id()
    }

    /// The process at the other end of the pipe.
    fn peer(&self) -> Option<Pid> {
        let peer = if self.is_child() { self.parent.get() } else { self.child.get() };
        (peer != 0).then_some(peer)
    }
}

thread_local! {
    static NEXT_ID: Cell<i64> = const { Cell::new(0) };
}

fn construct(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 3)?;
    let callback = call.callable(0)?;
    let redirect = call.bool_or(1, false)?;
    let pipe_type = if call.len() > 2 { pipe_type(call)? } else { DATAGRAM };
    let state = call.this::<ProcessState>()?;
    if !in_cli() {
        return Err(refused("Processes work on the command line only", 0));
    }
    if state.id.get() >= 0 {
        return Err(error::throw_error("The process exists already"));
    }
    let me = call.this_object()?;
    let pipe_type = if redirect { STREAM } else { pipe_type };
    set_up(state, &me, pipe_type)?;
    state.redirect.set(redirect);
    me.set_slot(CALLBACK, callback.value().clone());
    state.callback.replace(Some(callback));
    Ok(())
}

fn pipe_type(call: &Call<'_>) -> Result<i64, Thrown> {
    let given = call.value(2);
    let number = match given.as_bool() {
        Some(yes) => i64::from(yes),
        None => call.long(2)?,
    };
    match number {
        NO_PIPE | STREAM | DATAGRAM => Ok(number),
        _ => Err(error::throw_argument_value_error(
            2,
            "must be 0 (none), 1 (stream) or 2 (datagram)",
        )),
    }
}

fn start(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let (state, me) = (constructed(call)?, call.this_object()?);
    call.ret_bool(false);
    if state.is_child() {
        return warn("A process cannot start itself");
    }
    let before = state.child.get();
    if before != 0 && state.starter.get() != process::id() {
        return warn("Only the process that has started it may start it again");
    }
    if before != 0 && child::is_running(before) {
        return warn(&format!("The process runs already, as {before}"));
    }
    match process::fork() {
        Ok(Fork::Parent(pid)) => {
            has_started(&me, pid);
            call.ret_long(pid.into());
            Ok(())
        }
        Ok(Fork::Child) => Err(live(&me)),
        Err(failed) => failure("No process can be made", &failed),
    }
}

/// A process without a callback and with a pipe for datagrams, which somebody else forks.
fn make() -> Result<ObjRef, Thrown> {
    let me = ObjRef::new_of(&PROCESS)?;
    if let Some(state) = me.as_state::<ProcessState>() {
        set_up(state, &me, DATAGRAM)?;
    }
    Ok(me)
}

/// Gives a new process its pipe and its number.
fn set_up(state: &ProcessState, me: &ObjRef, pipe_type: i64) -> Result<(), Thrown> {
    if pipe_type != NO_PIPE {
        let (master, worker) =
            Pipe::pair(pipe_type == DATAGRAM, unixsock_buffer_size()).map_err(|error| {
                let number = errno::of(&error);
                refused(&format!("No pipe can be made: {}", errno::text(number)), number)
            })?;
        me.set_slot(PIPE, std::os::fd::AsRawFd::as_raw_fd(&master));
        state.master.replace(Some(master));
        state.worker.replace(Some(worker));
    }
    state.id.set(NEXT_ID.replace(NEXT_ID.get() + 1));
    me.set_slot(ID, state.id.get());
    Ok(())
}

/// In the parent: the process of this object runs as `pid`.
pub(super) fn has_started(me: &ObjRef, pid: Pid) {
    if let Some(state) = me.as_state::<ProcessState>() {
        state.child.set(pid);
        state.parent.set(0);
        state.starter.set(process::id());
        me.set_slot(PID, pid);
    }
}

/// In the child, right after the fork: the whole life of a process that its own script started. PHP
/// unwinds afterwards.
fn live(me: &ObjRef) -> Thrown {
    if let Err(failed) = engine::give_up_inherited() {
        let _ = failure("Descriptors of the parent stay open", &failed);
    }
    let engine = match engine::forked() {
        Ok(engine) => engine,
        Err(thrown) => return thrown,
    };
    reseed_after_fork(entropy());
    error::set_exit_status(0);
    if enter(me) {
        run(&engine, me);
    }
    // What PHP's own shutdown starts has no loop to run on any more: it must not keep the process.
    engine.stop(Stop::Exit);
    engine.release_all();
    error::throw_unwind_exit()
}

/// In the child: takes its end of the pipe, and the standard streams if it was told to. `false`: that
/// failed, which was reported, and the process shall end.
pub(super) fn enter(me: &ObjRef) -> bool {
    let Some(state) = me.as_state::<ProcessState>() else { return false };
    state.parent.set(process::parent_id());
    state.child.set(process::id());
    me.set_slot(PID, process::id());
    drop(state.master.take());
    let mut redirected = Ok(());
    if let Some(worker) = &*state.worker.borrow() {
        me.set_slot(PIPE, std::os::fd::AsRawFd::as_raw_fd(worker));
        if state.redirect.get() {
            redirected = (0..3).try_for_each(|fd| descriptor::duplicate_onto(worker, fd, false));
        }
    }
    if let Err(failed) = redirected {
        error::set_exit_status(255);
        let _ = failure("The standard streams cannot be redirected", &failed);
        return false;
    }
    true
}

/// In the child: calls the callback, then runs the loop until nothing is pending. What it holds is
/// released then.
pub(super) fn run(engine: &Engine, me: &ObjRef) {
    let callback = me.as_state::<ProcessState>().and_then(|state| state.callback.borrow().clone());
    let Some(callback) = callback else { return };
    engine.call(0, callback, [Value::from(me)]);
    if engine.stop_reason().is_none() {
        // What it throws is the end of the process, which is what comes next anyway.
        let _ = engine.run();
    }
}

fn entropy() -> u32 {
    let since = wall().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    since.subsec_nanos() ^ process::id().unsigned_abs().wrapping_mul(0x9E37_79B1)
}

/// The state, if the constructor has run.
fn constructed<'c>(call: &'c Call<'_>) -> Result<&'c ProcessState, Thrown> {
    let state = call.this::<ProcessState>()?;
    if state.id.get() < 0 {
        return Err(error::throw_error("The constructor of the process was not called"));
    }
    Ok(state)
}

/// A system call that failed, as a classic method tells it: a warning, and the number for
/// `swoole_last_error()`. The method returns `false`.
fn failure(what: &str, failed: &std::io::Error) -> Result<(), Thrown> {
    let number = errno::of(failed);
    set_last_error(number);
    warn(&format!("{what}, Error: {}[{number}]", errno::text(number)))
}

fn refused(text: &str, code: i32) -> Thrown {
    error::throw(&EXCEPTION, text, code.into())
}
